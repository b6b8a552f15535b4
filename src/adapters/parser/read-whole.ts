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

function megabytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/**
 * All bytes of a document in one array of its own (so that it can be transferred to a worker).
 *
 * @throws `source_too_large` as soon as the limit is passed, without reading on; `content_blank` for nothing but white space.
 */
export async function readWhole(input: ParseInput, maxFileBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input.bytes) {
    throwIfAborted(input.signal);
    size += chunk.length;
    if (size > maxFileBytes) {
      throw new IsthmusError(
        "source_too_large",
        `${quotedName(input.uri)} is larger than the limit for one document: over ${megabytes(maxFileBytes)} (${maxFileBytes} bytes). Split the file, store it as JSONL, or raise ISTHMUS_MAX_FILE_BYTES.`,
      );
    }
    chunks.push(chunk);
  }
  if (chunks.every((chunk) => chunk.every(isWhiteSpace))) {
    const what = size === 0 ? "is empty (0 bytes)" : "holds white space alone";
    throw new IsthmusError("content_blank", `${quotedName(input.uri)} ${what}.`);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
