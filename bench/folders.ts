import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const filesInFolder = 1000;
const writesAtOnce = 64;

/** Writes each text as a file of its own, a thousand to a folder. */
export async function writeDocuments(folder: string, texts: readonly string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += writesAtOnce) {
    await Promise.all(
      texts.slice(start, start + writesAtOnce).map(async (text, offset) => {
        const number = start + offset;
        const part = join(folder, String(Math.floor(number / filesInFolder)).padStart(4, "0"));
        await mkdir(part, { recursive: true });
        await writeFile(join(part, `note-${String(number).padStart(6, "0")}.txt`), `${text}\n`);
      }),
    );
  }
}
