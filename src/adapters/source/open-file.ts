import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Windows has no such flag. */
const nonBlocking = constants.O_NONBLOCK ?? 0;

export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

/**
 * Opens an ordinary file for reading; undefined when something else is there by now. Never blocks: a pipe that took the
 * file's place would otherwise hold `open` until somebody writes to it.
 */
export async function openFile(path: string): Promise<OpenFile | undefined> {
  const handle = await open(path, constants.O_RDONLY | nonBlocking);
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { handle, stats };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
  await handle.close();
  return undefined;
}
