import { createHash } from "node:crypto";
import { IsthmusError } from "../../core/errors.ts";
import { type ObjectRef, unreadVersion } from "../../core/types.ts";
import { isGone, quoted, throwIfCancelled, unreadable } from "./file-errors.ts";
import { endsFile, type OpenFile, openFile } from "./open-file.ts";

const blockBytes = 256 * 1024;

/**
 * The bytes of the file if they are those of `ref.version`, one block a pull: nothing is read ahead, and the file is
 * closed when the consumer stops early. Each block is the consumer's own.
 * @throws `source_changed` when the file is another or gone (at the latest after the last byte), `source_unreadable`,
 *   `source_unavailable`, `cancelled`.
 */
export async function* readPinned(path: string, ref: ObjectRef, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  throwIfCancelled(signal);
  const file = await openPinned(path);
  try {
    // A size of 0 proves nothing: some filesystems give it for files that are made as they are read.
    if (file.stats.size !== 0n && Number(file.stats.size) !== ref.size) throw changed(path);
    const hash = createHash("sha256");
    let left = ref.size;
    for (let ended = false; !ended; ) {
      throwIfCancelled(signal);
      // One byte more than is left, so that growth shows.
      const asked = Math.min(blockBytes, left + 1);
      const block = await readBlock(path, file, asked);
      left -= block.length;
      if (left < 0) throw changed(path);
      hash.update(block);
      ended = endsFile(file, ref.size - left, asked, block.length);
      if (block.length > 0) yield block;
    }
    if (ref.version !== unreadVersion && hash.digest("hex") !== ref.version) throw changed(path);
  } finally {
    file.close();
  }
}

async function openPinned(path: string): Promise<OpenFile> {
  let file: OpenFile | undefined;
  try {
    file = await openFile(path);
  } catch (thrown) {
    throw isGone(thrown) ? changed(path, thrown) : unreadable("file", path, thrown);
  }
  if (file === undefined) throw changed(path);
  return file;
}

async function readBlock(path: string, file: OpenFile, length: number): Promise<Uint8Array> {
  // Its own memory, not a slice of the shared pool: a consumer that keeps a block keeps no more than that.
  const buffer = Buffer.allocUnsafeSlow(length);
  try {
    return buffer.subarray(0, await file.read(buffer));
  } catch (thrown) {
    throw isGone(thrown) ? changed(path, thrown) : unreadable("file", path, thrown);
  }
}

function changed(path: string, cause?: unknown): IsthmusError {
  return new IsthmusError(
    "source_changed",
    `The file ${quoted(path)} was changed or removed while it was read: it will be read again as it is now.`,
    { cause },
  );
}
