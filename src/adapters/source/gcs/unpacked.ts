import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { IsthmusError } from "../../../core/errors.ts";
import { systemCode } from "../file-errors.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/** The bytes of the document: those that are stored, unpacked where they are marked as gzip. Closes what it reads. */
export async function* unpacked(uri: string, stored: StoredBytes): AsyncGenerator<Uint8Array> {
  try {
    const first = await stored.next();
    if (first === undefined) return;
    const all = concatenated(first, stored);
    if (!/^(x-)?gzip$/i.test(stored.encoding)) yield* all;
    else yield* gunzipped(uri, all, stored);
  } finally {
    stored.close();
  }
}

async function* concatenated(first: Uint8Array, stored: StoredBytes): AsyncGenerator<Uint8Array> {
  yield first;
  for (let piece = await stored.next(); piece !== undefined; piece = await stored.next()) yield piece;
}

async function* gunzipped(
  uri: string,
  packed: AsyncGenerator<Uint8Array>,
  stored: StoredBytes,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const flowing = pipeline(Readable.from(packed, { objectMode: false }), gunzip);
  flowing.catch(() => undefined); // Told by the iteration below as well.
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
    await flowing;
  } catch (thrown) {
    if (systemCode(thrown)?.startsWith("Z_") !== true) throw thrown;
    // Damaged on the way, or stored so? The checksum of the whole decides.
    while ((await stored.next()) !== undefined);
    throw new IsthmusError(
      "content_encoding",
      `${JSON.stringify(uri)} is marked as gzip (its Content-Encoding) and is no whole gzip file: upload it again, or clear the mark.`,
      { cause: thrown },
    );
  } finally {
    gunzip.destroy();
  }
}
