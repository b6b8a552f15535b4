import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tools } from "./tools.ts";

/** The text of an object, or undefined where there is none. @throws where the bucket cannot be read. */
export async function readObject(url: string, tools: Tools): Promise<string | undefined> {
  const { code, stdout, stderr } = await tools.ask("gcloud", ["storage", "cat", url], { expected: [0, 1] });
  if (code === 0) return stdout;
  if (/matched no objects/i.test(stderr)) return undefined;
  throw new Error(`${url} could not be read; gcloud's own message is above`);
}

export async function writeObject(url: string, text: string, tools: Tools): Promise<void> {
  await inScratch(async (folder) => {
    const file = join(folder, "object");
    await writeFile(file, text);
    await tools.change("gcloud", ["storage", "cp", file, url]);
  });
}

/** A folder of this run alone, for its owner's eyes only, gone afterwards. */
export async function inScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-ci-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
