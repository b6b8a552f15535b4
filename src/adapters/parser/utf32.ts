import { byteOrderMark, markSample } from "./decode.ts";
import { marklessUtf16 } from "./utf16.ts";

export type Utf32 = "utf-32le" | "utf-32be";

const lastCodePoint = 0x10ffff;
const replacement = 0xfffd;
const fewestUnits = 4;

function unitsOf(bytes: Uint8Array, isLittle: boolean): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => view.getUint32(index * 4, isLittle));
}

/** No part of a text: controls but for white space, what is unassigned or private. */
const implausible = /[^\P{C}\t\n\f\r\p{Cf}]/u;

/** Whether numbers are the characters of a text, which has spaces, line ends or points among them; so are hardly any numbers of a program. */
function isText(units: readonly number[]): boolean {
  if (units.length < fewestUnits || units.some((unit) => unit === 0 || unit > lastCodePoint)) return false;
  const text = String.fromCodePoint(...units);
  return text.isWellFormed() && !implausible.test(text) && /[\s.,、。]/u.test(text);
}

/** UTF-32 without a mark: every four bytes are a character, and in the other order hardly any are. */
function marklessUtf32(bytes: Uint8Array): Utf32 | undefined {
  const head = bytes.subarray(0, markSample);
  if (!head.includes(0)) return undefined;
  for (const [encoding, isLittle] of [["utf-32le", true] as const, ["utf-32be", false] as const]) {
    if (isText(unitsOf(head, isLittle))) return encoding;
  }
  return undefined;
}

/** What text without a mark is in where it takes two or four bytes a character. */
export function marklessUnicode(bytes: Uint8Array): Utf32 | "utf-16le" | "utf-16be" | undefined {
  return marklessUtf32(bytes) ?? marklessUtf16(bytes);
}

/** A decoder of UTF-32, which the encoding standard leaves out; four bytes that are no character become U+FFFD. */
export function createUtf32Decoder(encoding: Utf32): {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
} {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    decode(bytes = new Uint8Array(0), { stream = false } = {}) {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const whole = all.length - (all.length % 4);
      rest = stream ? all.slice(whole) : new Uint8Array(0);
      const units = unitsOf(all.subarray(0, whole), encoding === "utf-32le");
      const parts = units.map((unit) => String.fromCodePoint(unit <= lastCodePoint ? unit : replacement));
      return parts.join("").toWellFormed() + (!stream && whole < all.length ? "\ufffd" : "");
    },
  };
}

/** The beginning of a file as text, whatever Unicode it is in; what its end cuts off may be U+FFFD. */
export function beginningOf(head: Uint8Array): string {
  const encoding = byteOrderMark(head)?.encoding ?? marklessUnicode(head) ?? "utf-8";
  const isWide = encoding === "utf-32le" || encoding === "utf-32be";
  const text = isWide ? createUtf32Decoder(encoding).decode(head) : new TextDecoder(encoding).decode(head);
  return text.replace(/^\ufeff/, "").replaceAll("\0", "");
}
