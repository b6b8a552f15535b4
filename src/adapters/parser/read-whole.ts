import type { Share } from "../../core/budget.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { ParseInput } from "../../core/ports.ts";
import { quotedName } from "./source-name.ts";

/** Throws `cancelled` once the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new IsthmusError("cancelled", "Parsing was cancelled.", { cause: signal.reason });
}

/** Of ASCII: tab to carriage return, and the space. */
function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

const smallBytes = 64 * 1024;
const stepBytes = 1024 * 1024;

function megabytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/**
 * All bytes of a document in one array of its own (so that it can be transferred to a worker). They are taken from the budget of memory
 * as they come, for a packed object tells its size by its last byte only.
 *
 * @throws `source_too_large` as soon as the limit is passed, without reading on; `content_blank` for nothing but white space.
 */
export async function readWhole(
  input: ParseInput & { readonly memory?: Share },
  maxFileBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  // Most documents are small, and a buffer that can grow takes address space for the largest: it costs more than they do.
  const pieces: Uint8Array[] = [];
  let growing: Uint8Array<ArrayBuffer> | undefined;
  let size = 0;
  for await (const chunk of input.bytes) {
    throwIfAborted(input.signal);
    const at = size;
    size += chunk.length;
    if (size > maxFileBytes) {
      throw new IsthmusError(
        "source_too_large",
        `${quotedName(input.uri)} is larger than the limit for one document: over ${megabytes(maxFileBytes)} (${maxFileBytes} bytes). Split the file, store it as JSONL, or raise ISTHMUS_MAX_FILE_BYTES.`,
      );
    }
    await input.memory?.grow(chunk.length, input.signal);
    if (size <= smallBytes) {
      pieces.push(chunk);
      continue;
    }
    growing ??= growable(pieces.splice(0), maxFileBytes);
    const { buffer } = growing;
    if (size > buffer.byteLength) buffer.resize(Math.min(roundedUp(size), buffer.maxByteLength));
    growing.set(chunk, at);
  }
  const read = growing === undefined ? joined(pieces, size) : new Uint8Array(growing.buffer, 0, size);
  if (read.every(isWhiteSpace)) {
    const what = size === 0 ? "is empty (0 bytes)" : "holds white space alone";
    throw new IsthmusError("content_blank", `${quotedName(input.uri)} ${what}.`);
  }
  return read;
}

/** Grows in place: pieces that wait to be joined are as much again, and small ones leave holes in the heap when they go. */
function growable(pieces: readonly Uint8Array[], maxFileBytes: number): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(0, { maxByteLength: roundedUp(maxFileBytes) });
  const whole = new Uint8Array(buffer);
  buffer.resize(Math.min(smallBytes, buffer.maxByteLength));
  fill(whole, pieces);
  return whole;
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  return fill(new Uint8Array(size), pieces);
}

function fill(whole: Uint8Array<ArrayBuffer>, pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** In steps that are few for a large file and small for a small one. */
function roundedUp(bytes: number): number {
  const step = bytes < stepBytes ? smallBytes : stepBytes;
  return Math.ceil(bytes / step) * step;
}
