import { isAscii, isUtf8 } from "node:buffer";
import type { ParseFault } from "../../core/types.ts";

/** Lower case, as the WHATWG encoding standard names encodings: `utf-8`, `utf-16le`, `windows-1252`, `shift_jis`. */
export type EncodingName = string;

interface ByteOrderMark {
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";
  /** Bytes of the mark itself. */
  readonly length: number;
}

/** The byte order mark at the start of the bytes, if there is one. */
export function byteOrderMark(bytes: Uint8Array): ByteOrderMark | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: "utf-8", length: 3 };
  const isWide = bytes.length >= 8 && bytes.length % 4 === 0;
  if (isWide && bytes[0] === 0xff && bytes[1] === 0xfe && bytes[2] === 0 && bytes[3] === 0) {
    return { encoding: "utf-32le", length: 4 };
  }
  if (isWide && bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0xfe && bytes[3] === 0xff) {
    return { encoding: "utf-32be", length: 4 };
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: "utf-16le", length: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: "utf-16be", length: 2 };
  return undefined;
}

/** What a text was read as, and what of it could not be read. */
export interface Decoding {
  readonly encoding: EncodingName;
  /** How many places hold bytes that are no character in this encoding; each became one U+FFFD. */
  readonly replaced: number;
}

export interface DecodedText extends Decoding {
  readonly text: string;
}

export interface DecodeHints {
  /** What the document itself or its container says; a label of the encoding standard, in any case. */
  readonly declared?: string | undefined;
  /** An undeclared legacy encoding is windows-1252 unless it is plainly another, as browsers have it. */
  readonly western?: boolean;
}

/** Bytes before and after the first one beyond ASCII by which an undeclared encoding is told. */
export const sampleBefore = 256;
export const sampleAfter = 16_384;
/** Bytes at the start by which UTF-16 without a mark is told. */
export const markSample = 4096;

/** Offset of the first byte beyond ASCII, or -1. */
export function firstBeyondAscii(bytes: Uint8Array): number {
  // Most bytes are ASCII to the end, and that is told sixteen at a time.
  return isAscii(bytes) ? -1 : bytes.findIndex((byte) => byte >= 0x80);
}

/** The bytes up to a sequence of UTF-8 that their end cuts off: that is for the next bytes to complete. */
export function wholeSequences(bytes: Uint8Array): Uint8Array {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 3); at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return byte < 0xf8 && bytes.length - at < length ? bytes.subarray(0, at) : bytes;
  }
  return bytes;
}

const replacementCharacter = /\ufffd/g;
const utf8Replacement = Buffer.from("\ufffd");

function occurrences(bytes: Uint8Array, part: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf(part); at !== -1; at = buffer.indexOf(part, at + part.length)) count += 1;
  return count;
}

/** How many U+FFFD the decoder put into the text; those that the bytes spell themselves are no loss. */
export function countReplaced(text: string, bytes: Uint8Array, encoding: EncodingName): number {
  const all = text.match(replacementCharacter)?.length ?? 0;
  return all === 0 || encoding !== "utf-8" ? all : all - occurrences(bytes, utf8Replacement);
}

/**
 * Whether the bytes are surely UTF-8. A NUL (every other byte of UTF-16) and an escape (a shift of ISO-2022-JP) leave room
 * for doubt, and so does another declaration over bytes beyond ASCII.
 */
function plainlyUtf8(body: Uint8Array, declared: string | undefined): boolean {
  if (!isUtf8(body) || body.includes(0) || body.includes(0x1b)) return false;
  return declared === undefined || /^utf-?8$/i.test(declared) || firstBeyondAscii(body) === -1;
}

/**
 * Text of a whole document. A byte order mark decides; then what is valid UTF-8 is UTF-8; then what the document
 * declares; then UTF-16 without a mark, UTF-8 with a few bad bytes, or the legacy encoding that a detector finds (see
 * legacy-encoding.ts). A mark is left out. A byte that is no character costs that character, never the document.
 */
export async function decodeText(bytes: Uint8Array, hints: DecodeHints = {}): Promise<DecodedText> {
  const mark = byteOrderMark(bytes);
  const body = bytes.subarray(mark?.length ?? 0);
  if ((mark?.encoding ?? "utf-8") === "utf-8" && plainlyUtf8(body, hints.declared)) {
    return { encoding: "utf-8", text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(body), replaced: 0 };
  }
  // Detector and tables take 100 ms to load, which documents in UTF-8 need not pay.
  const { decodeAs, encodingOf } = await import("./legacy-encoding.ts");
  return decodeAs(mark?.encoding ?? encodingOf(body, hints), body);
}

/** For a text with bytes that were no characters: the fault that tells so; undefined where nothing was lost. */
export function lostCharacters({ encoding, replaced }: Decoding): ParseFault | undefined {
  if (replaced === 0) return undefined;
  const bytes = replaced === 1 ? "1 place holds bytes that are" : `${replaced} places hold bytes that are`;
  return {
    kind: "fault",
    id: "encoding",
    code: "content_lost",
    reason: `${bytes} not valid ${encoding.toUpperCase()} and became U+FFFD; the rest is indexed. Save the file as UTF-8.`,
  };
}
