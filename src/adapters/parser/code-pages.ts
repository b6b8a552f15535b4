import { normalizeEncoding, TextDecoder } from "@exodus/bytes/encoding.js";

import { dosPages } from "./dos-pages.ts";

/** Text from bytes that are whole. */
export interface Decoder {
  decode(bytes?: Uint8Array): string;
}

const labels: Readonly<Record<number, string>> = {
  866: "ibm866",
  874: "windows-874",
  932: "shift_jis",
  936: "gbk",
  949: "euc-kr",
  950: "big5",
  10000: "macintosh",
  // Those of the Macintosh differ in a few signs from what they come from.
  10001: "shift_jis",
  10002: "big5",
  10003: "euc-kr",
  10007: "x-mac-cyrillic",
  10008: "gbk",
  20866: "koi8-r",
  21866: "koi8-u",
  51932: "euc-jp",
  54936: "gb18030",
  65001: "utf-8",
};

function dosDecoder(upper: string): Decoder {
  return {
    decode: (bytes = new Uint8Array()) =>
      Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : upper.charAt(byte - 0x80))).join(""),
  };
}

/**
 * A decoder by the number of a code page of Windows; windows-1252 for none, and for one that is not known. Node's own decoders
 * lack characters that the encoding standard's tables have, see legacy-encoding.ts.
 */
export function decoderOf(codePage: number | undefined): Decoder {
  const dos = codePage === undefined ? undefined : dosPages.get(codePage);
  if (dos !== undefined) return dosDecoder(dos);
  const iso = codePage !== undefined && codePage > 28_590 && codePage < 28_606;
  const label =
    codePage === undefined ? "" : (labels[codePage] ?? (iso ? `iso-8859-${codePage - 28_590}` : `windows-${codePage}`));
  return new TextDecoder(normalizeEncoding(label) ?? "windows-1252");
}
