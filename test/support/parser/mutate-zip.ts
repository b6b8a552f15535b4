import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";
import { mutated } from "./mutate.ts";

interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A ZIP file taken apart, so that what lies in it can be broken: a ZIP that is broken itself ends its reader at once. */
export async function entriesOf(file: Uint8Array): Promise<readonly Entry[]> {
  const zip = await fromBufferPromise(Buffer.from(file), { lazyEntries: true });
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith("/")) continue;
    entries.push({ name: entry.fileName, bytes: await buffer(await zip.openReadStreamPromise(entry)) });
  }
  return entries;
}

/** The same entries packed again, one or two of them broken. @param random numbers from 0 to below 1. */
export async function packedBroken(entries: readonly Entry[], random: () => number): Promise<Uint8Array<ArrayBuffer>> {
  const one = (): number => Math.floor(random() * entries.length);
  const broken = new Set(random() < 0.5 ? [one()] : [one(), one()]);
  const zip = new ZipFile();
  for (const [index, { name, bytes }] of entries.entries()) {
    zip.addBuffer(broken.has(index) ? Buffer.from(mutated(bytes, random)) : bytes, name);
  }
  zip.end();
  return new Uint8Array(await buffer(Readable.from(zip.outputStream)));
}

/** Whether a file begins as a ZIP does. */
export function isZip(file: Uint8Array): boolean {
  return file[0] === 0x50 && file[1] === 0x4b && file[2] === 3 && file[3] === 4;
}
