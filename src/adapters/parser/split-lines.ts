/** One line of a file, without its line end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** The line, or undefined where it is over the limit: then it was counted and never held. */
  readonly bytes: Uint8Array | undefined;
  readonly size: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Splits a byte stream at LF or CRLF, or at CR where a file has no other line ends (old Macs). Memory is bounded by `maxLineBytes` and one chunk, whatever the size of the file
 * or of its longest line.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
  lineEnd: "lf" | "cr" = "lf",
): AsyncGenerator<Line> {
  const separator = lineEnd === "lf" ? lineFeed : carriageReturn;
  let number = 0;
  let size = 0;
  let parts: Uint8Array[] = [];
  let endsInReturn = false;

  const finish = (): Line => {
    number += 1;
    const length = size - (endsInReturn ? 1 : 0);
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const line = { number, size: length, bytes: length > maxLineBytes ? undefined : bytes?.subarray(0, length) };
    size = 0;
    parts = [];
    endsInReturn = false;
    return line;
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(separator, from);
      const part = chunk.subarray(from, at === -1 ? chunk.length : at);
      if (part.length > 0) {
        size += part.length;
        endsInReturn = part[part.length - 1] === carriageReturn;
        // One byte more than the limit may be the carriage return of a line that just fits.
        if (size <= maxLineBytes + 1) parts.push(part);
        else parts = [];
      }
      if (at === -1) break;
      yield finish();
      from = at + 1;
    }
  }
  if (size > 0) yield finish();
}
