import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const filesInFolder = 1000;
const writesAtOnce = 64;

/** Writes each text as a file of its own, a thousand to a folder. */
export async function writeDocuments(folder: string, texts: readonly string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += writesAtOnce) {
    const some = texts.slice(start, start + writesAtOnce);
    await Promise.all(some.map((text, offset) => writeDocument(folder, start + offset, text)));
  }
}

/** Changes every `step`th of those files; a text is another one in each round. */
export async function changeDocuments(
  folder: string,
  texts: readonly string[],
  step: number,
  round: number,
): Promise<void> {
  for (let number = 0; number < texts.length; number += step) {
    await writeDocument(folder, number, `Change ${round}. ${texts[number]}`);
  }
}

async function writeDocument(folder: string, number: number, text: string): Promise<void> {
  const part = join(folder, String(Math.floor(number / filesInFolder)).padStart(4, "0"));
  await mkdir(part, { recursive: true });
  await writeFile(join(part, `note-${String(number).padStart(6, "0")}.txt`), `${text}\n`);
}

/** Bytes of all files under a folder. */
export async function folderBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
