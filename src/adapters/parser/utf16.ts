import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { markSample } from "./decode.ts";

/** No part of a text: controls but for white space, lone surrogates, and what is unassigned or private. */
const implausible = /[^\P{C}\t\n\f\r\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const plainControls = new Set([0x00, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);
const asciiText = /[\t\n\r\x20-\x7e]/g;

/** Controls other than NUL, white space, backspace and escape. */
function hasOddControls(bytes: Uint8Array): boolean {
  return bytes.some((byte) => (byte < 0x20 && !plainControls.has(byte)) || byte === 0x7f);
}

/** Share of characters that are ASCII, from 0 to 1; 0 for what is no text in this byte order. */
function asciiShare(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): number {
  const decoded = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  // A pair that the sample cuts off is no fault.
  const text = bytes.length === markSample ? decoded.replace(/\ufffd$/, "") : decoded;
  if (text.includes("\ufffd") || implausible.test(text)) return 0;
  return (text.match(asciiText)?.length ?? 0) / text.length;
}

/**
 * UTF-16 without a mark: text in one byte order, with spaces, digits or line ends among it, and less or none in the other.
 * Binary data has controls and lone surrogates in both, and so has a text with a NUL in it, unless it is read in pairs: so
 * where the bytes are a text by themselves, most of them must be of the pairs that ASCII makes, and all where a byte is left over.
 *
 * @param bytes of the file; only the first ones are looked at.
 */
export function marklessUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const head = bytes.subarray(0, markSample);
  if (head.length < 4 || !head.includes(0)) return undefined;
  const even = head.subarray(0, head.length - (head.length % 2));
  const little = asciiShare(even, "utf-16le");
  const big = asciiShare(even, "utf-16be");
  if (little === big) return undefined;
  const share = Math.max(little, big);
  if (isUtf8(head) && ((share <= 0.5 && !hasOddControls(head)) || (share < 1 && head.length % 2 === 1)))
    return undefined;
  return little > big ? "utf-16le" : "utf-16be";
}
