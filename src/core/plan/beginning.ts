/** The first bytes of a stream, in pieces small enough to tell how far a reader is. */
export interface Beginning {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes that the reader has taken. */
  readonly taken: number;
  /** The limit was reached, and the stream was left there. */
  readonly cut: boolean;
  /** The reader has taken all that it gets. */
  readonly ended: boolean;
}

const pieceBytes = 4096;

/** @param limit bytes after which the stream is left, whatever follows. */
export function beginningOf(stream: AsyncIterable<Uint8Array>, limit: number): Beginning {
  let taken = 0;
  let cut = false;
  let ended = false;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const block of stream) {
      for (let at = 0; at < block.length; at += pieceBytes) {
        const piece = block.subarray(at, Math.min(at + pieceBytes, at + limit - taken));
        taken += piece.length;
        if (piece.length > 0) yield piece;
        if (taken >= limit) {
          cut = true;
          ended = true;
          return;
        }
      }
    }
    ended = true;
  }
  return {
    bytes: pieces(),
    get taken() {
      return taken;
    },
    get cut() {
      return cut;
    },
    get ended() {
      return ended;
    },
  };
}

/** Text up to the last line end, or the last whole character, so that what was cut off leaves no broken one behind. */
export function wholeLines(bytes: Uint8Array): Uint8Array {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return bytes.subarray(0, bytes.length - (bytes.length % 2));
  const line = bytes.lastIndexOf(0x0a);
  // A line that is most of it would take too much away.
  if (line >= bytes.length / 2) return bytes.subarray(0, line + 1);
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  const lead = bytes[end - 1] ?? 0;
  return bytes.subarray(0, lead >= 0xc0 ? end - 1 : bytes.length);
}
