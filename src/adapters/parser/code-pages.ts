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
  20932: "euc-jp",
  50220: "iso-2022-jp",
  50221: "iso-2022-jp",
  50222: "iso-2022-jp",
  51932: "euc-jp",
  51936: "gbk",
  51949: "euc-kr",
  54936: "gb18030",
  65001: "utf-8",
};

// The language of a locale is in its lower ten bits; windows-1252 for all others.
const pageOfLanguage: Readonly<Record<number, number>> = {
  ...{ 1: 1256, 2: 1251, 4: 936, 5: 1250, 8: 1253, 13: 1255, 14: 1250, 17: 932, 18: 949, 21: 1250, 24: 1250, 25: 1251 },
  ...{ 26: 1250, 27: 1250, 28: 1250, 30: 874, 31: 1254, 32: 1256, 34: 1251, 35: 1251, 36: 1250, 37: 1257, 38: 1257 },
  ...{ 39: 1257, 41: 1256, 42: 1258, 44: 1254, 47: 1251, 63: 1251 },
};
/** Chinese of Taiwan, Hong Kong and Macau; Serbian in Cyrillic. */
const pageOfLocale: Readonly<Record<number, number>> = { 1028: 950, 3076: 950, 5124: 950, 3098: 1251 };

/** The code page in which a Windows of this locale ([MS-LCID]) writes; undefined for the Western one, and for none. */
export function codePageOfLocale(locale: number | undefined): number | undefined {
  return locale === undefined ? undefined : (pageOfLocale[locale] ?? pageOfLanguage[locale & 0x3ff]);
}

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
