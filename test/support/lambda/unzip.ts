import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";

/** Unpacks a zip into a folder, as Lambda does with a package. @returns the paths in it. */
export async function unzip(path: string, folder: string): Promise<string[]> {
  const zip = await openPromise(path);
  const paths: string[] = [];
  for await (const entry of zip.eachEntry()) {
    const target = join(folder, entry.fileName);
    await mkdir(dirname(target), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    paths.push(entry.fileName);
  }
  return paths.sort();
}
