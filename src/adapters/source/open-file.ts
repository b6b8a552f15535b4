import { type BigIntStats, closeSync, constants, fstatSync, open, read } from "node:fs";

/** Windows has no such flag. */
const nonBlocking = constants.O_NONBLOCK ?? 0;

/**
 * An ordinary file that was opened for reading. Every small file passes here twice, so the calls are the plain ones of `fs`:
 * a `FileHandle` costs as much processor time again.
 */
export interface OpenFile {
  readonly stats: BigIntStats;
  /** Fills `buffer` from where the last read ended. @returns how many bytes came; 0 at the end of the file. */
  read(buffer: Buffer): Promise<number>;
  close(): void;
}

/**
 * Opens an ordinary file for reading; undefined when something else is there by now. Never blocks: a pipe that took the
 * file's place would otherwise hold `open` until somebody writes to it.
 */
export async function openFile(path: string): Promise<OpenFile | undefined> {
  const descriptor = await openDescriptor(path);
  const file = {
    read: (buffer: Buffer) => readInto(descriptor, buffer),
    // As `fstat` below: what was only read has nothing to be written at its end, and two threads' way there and back costs more.
    close: () => closeSync(descriptor),
  };
  try {
    // Not put off to another thread: of a file that has just been opened the system has them at hand.
    const stats = fstatSync(descriptor, { bigint: true });
    if (stats.isFile()) return { ...file, stats };
  } catch (thrown) {
    file.close();
    throw thrown;
  }
  file.close();
  return undefined;
}

/** True when a read that asked for `asked` bytes and got `got` has come to the end of the file. */
export function endsFile({ stats }: OpenFile, read: number, asked: number, got: number): boolean {
  // A short read is no proof by itself, but it is one where it ends at the size that the open file was seen to have.
  return got === 0 || (got < asked && BigInt(read) === stats.size);
}

function openDescriptor(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, constants.O_RDONLY | nonBlocking, (error, descriptor) => (error ? reject(error) : resolve(descriptor)));
  });
}

function readInto(descriptor: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, null, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
