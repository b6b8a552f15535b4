import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { IsthmusError } from "../../core/errors.ts";

type TextEncodingName = "utf-8" | "utf-16le" | "utf-16be";

interface ByteOrderMark {
  readonly encoding: TextEncodingName;
  /** Bytes of the mark itself. */
  readonly length: number;
}

/** The byte order mark at the start of the bytes, if there is one. */
export function byteOrderMark(bytes: Uint8Array): ByteOrderMark | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: "utf-8", length: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: "utf-16le", length: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: "utf-16be", length: 2 };
  return undefined;
}

function isValid(decoder: TextDecoder, bytes: Uint8Array, more: boolean): boolean {
  try {
    decoder.decode(bytes, { stream: more });
    return true;
  } catch {
    return false;
  }
}

/** Offset of the first byte that cannot be part of UTF-8 (or of the sequence that the end cuts off). */
function firstInvalidByte(bytes: Uint8Array): number {
  const step = 65_536;
  let from = 0;
  while (from < bytes.length) {
    const to = Math.min(bytes.length, from + step);
    if (!isValid(new TextDecoder("utf-8", { fatal: true }), bytes.subarray(from, to), to < bytes.length)) break;
    // A window must not begin inside a character: go back to a byte that starts one.
    from = to;
    while (from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from -= 1;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let characterStart = from;
  for (let at = from; at < bytes.length; at += 1) {
    // A byte can be wrong by itself, or break off the character before it, which then is the one to name.
    if (!isValid(decoder, bytes.subarray(at, at + 1), true))
      return isUtf8(bytes.subarray(from, at)) ? at : characterStart;
    const byte = bytes[at] ?? 0;
    if (byte < 0x80 || byte >= 0xc0) characterStart = at;
  }
  return characterStart;
}

/**
 * Text of a whole document: UTF-8, or UTF-16 where a byte order mark says so; the mark is left out.
 *
 * @param name how messages call the document.
 * @throws `content_encoding` with the offset of the first bad byte.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const mark = byteOrderMark(bytes);
  const encoding = mark?.encoding ?? "utf-8";
  const body = bytes.subarray(mark?.length ?? 0);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    const where =
      encoding === "utf-8" ? ` (first bad byte at offset ${firstInvalidByte(body) + (mark?.length ?? 0)})` : "";
    throw new IsthmusError(
      "content_encoding",
      `${name} is not valid ${encoding.toUpperCase()}${where}. Save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8.`,
      { cause },
    );
  }
}
