import { isUtf8 } from "node:buffer";
import { normalizeEncoding, TextDecoder } from "@exodus/bytes/encoding.js";
import { detectAll } from "jschardet";
import {
  countReplaced,
  type DecodedText,
  type DecodeHints,
  type EncodingName,
  firstBeyondAscii,
  markSample,
  sampleAfter,
  sampleBefore,
  wholeSequences,
} from "./decode.ts";
import { createUtf32Decoder, marklessUnicode } from "./utf32.ts";

/**
 * A decoder that replaces what is no character, one for each place. Node's own lacks the extended Korean syllables and
 * half of Big5, so the encoding standard's tables are used for all but Unicode.
 */
export function createDecoder(
  encoding: EncodingName,
): Pick<InstanceType<typeof TextDecoder>, "decode"> | ReturnType<typeof createUtf32Decoder> {
  if (encoding === "utf-32le" || encoding === "utf-32be") return createUtf32Decoder(encoding);
  return new TextDecoder(encoding, { ignoreBOM: true });
}

export function decodeAs(encoding: EncodingName, bytes: Uint8Array): DecodedText {
  const text = createDecoder(encoding).decode(bytes);
  return { encoding, text, replaced: countReplaced(text, bytes, encoding) };
}

// What detectors call the encodings that the web's standard knows; of others no decoder is at hand.
const detectable = {
  "utf-8": "utf-8",
  cp932: "shift_jis",
  "euc-jp": "euc-jp",
  gb18030: "gb18030",
  big5: "big5",
  "big5-hkscs": "big5",
  cp949: "euc-kr",
  cp874: "windows-874",
  "windows-1250": "windows-1250",
  "windows-1251": "windows-1251",
  "windows-1252": "windows-1252",
  "windows-1253": "windows-1253",
  "windows-1254": "windows-1254",
  "windows-1255": "windows-1255",
  "windows-1256": "windows-1256",
  "windows-1257": "windows-1257",
  "windows-1258": "windows-1258",
  "koi8-r": "koi8-r",
  "koi8-u": "koi8-u",
  ibm866: "ibm866",
  "iso-8859-2": "iso-8859-2",
  "iso-8859-5": "iso-8859-5",
  "iso-8859-7": "iso-8859-7",
} as const;
const detectorNames = ["windows-874", "big5hkscs", ...Object.keys(detectable)];

// A few letters fit several encodings about as well; the commonest is taken then, the sooner the fewer they are. On 39
// pairs of language and encoding of the Universal Declaration of Human Rights, this reads .93, .99 and 1.0 of pieces of
// 12, 40 and 150 characters; the same library without these bounds .80, .93 and .97; chardet 2.2 .71, .90 and .94.
const westernShare = 0.9;
// By .5 only other scripts win: what a page without a declaration says in Latin letters is windows-1252 to every browser.
const westernShareInDoubt = 0.5;
const fewLetters = 6;
// Of its letters the commonest are the dashes and quotes of windows-1252.
const fewestInDos = 20;

// Letters of these alphabets do not stand inside Latin words.
const otherAlphabet = "\\p{Script=Greek}\\p{Script=Cyrillic}\\p{Script=Hebrew}\\p{Script=Arabic}\uff61-\uff9f";
const mixedWord = new RegExp(`[A-Za-z][${otherAlphabet}]|[${otherAlphabet}](?=[A-Za-z])`, "gu");

function mixesAlphabets(sample: Uint8Array, encoding: EncodingName): boolean {
  const text = createDecoder(encoding).decode(sample);
  return (text.match(mixedWord)?.length ?? 0) * 2 > (text.match(/\P{ASCII}/gu)?.length ?? 0);
}

function detect(sample: Uint8Array, western: boolean): EncodingName {
  const letters = sample.reduce((count, byte) => count + (byte < 0x80 ? 0 : 1), 0);
  const found = detectAll(sample, { detectEncodings: detectorNames, minimumThreshold: 0 })
    .map(({ encoding, confidence }) => ({
      encoding: detectable[(encoding ?? "").toLowerCase() as keyof typeof detectable],
      confidence,
    }))
    .filter(({ encoding }) => encoding !== undefined && (encoding !== "ibm866" || letters >= fewestInDos));
  const best = found.find(({ encoding }) => !mixesAlphabets(sample, encoding));
  const latin = found.find(({ encoding }) => encoding === "windows-1252");
  if (best === undefined) return "windows-1252";
  const share = western || letters < fewLetters ? westernShareInDoubt : westernShare;
  return latin && latin.confidence >= best.confidence * share ? "windows-1252" : best.encoding;
}

/** Sequences of more than one byte that are UTF-8, and places that are not. */
function utf8Balance(sample: Uint8Array): { good: number; bad: number } {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(sample);
  const bad = countReplaced(text, sample, "utf-8");
  return { good: (text.match(/\P{ASCII}/gu)?.length ?? 0) - bad, bad };
}

/**
 * By a sample of bytes beyond ASCII: UTF-8 where as much of it is valid as is not, else what the detector finds.
 *
 * @param isCut whether the sample's end may break off a character.
 */
export function encodingOfSample(sample: Uint8Array, isCut: boolean, western = false): EncodingName {
  const { good, bad } = utf8Balance(isCut ? wholeSequences(sample) : sample);
  return bad === 0 || good >= bad ? "utf-8" : detect(sample, western);
}

const multiByte = new Set(["gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr"]);

/** Whether bytes that are valid UTF-8 are so by chance: two-byte characters of East Asian encodings may be. */
function utf8ByChance(bytes: Uint8Array, declared: EncodingName): boolean {
  return multiByte.has(declared) && utf8Balance(bytes).good < 3 && decodeAs(declared, bytes).replaced === 0;
}

const isoShifts = ["\x1b$@", "\x1b$B"].map((shift) => Buffer.from(shift));

/** Whether Japanese text in seven bits begins within the first bytes. */
export function isIso2022(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, markSample));
  return isoShifts.some((shift) => head.includes(shift));
}

/** The encoding of a whole document without a byte order mark. */
export function encodingOf(bytes: Uint8Array, { declared, western = false }: DecodeHints): EncodingName {
  const wide = marklessUnicode(bytes);
  if (wide) return wide;
  const named = declared === undefined ? null : normalizeEncoding(declared);
  // What could be read byte by byte as far as its declaration is not UTF-16, whatever that says.
  const bytewise = named?.startsWith("utf-16") ? "utf-8" : named;
  const known = bytewise === null || bytewise === "replacement" ? undefined : bytewise;
  if (isIso2022(bytes)) return "iso-2022-jp";
  if (isUtf8(bytes)) return known !== undefined && utf8ByChance(bytes, known) ? known : "utf-8";
  if (known !== undefined && known !== "utf-8") return known;
  const first = firstBeyondAscii(bytes);
  const sample = bytes.subarray(Math.max(0, first - sampleBefore), first + sampleAfter);
  // A declaration of UTF-8 that most bytes do not keep to is none.
  if (known === "utf-8") {
    const { good, bad } = utf8Balance(sample);
    if (bad < 2 || good >= bad) return "utf-8";
  }
  return encodingOfSample(sample, first + sampleAfter < bytes.length, western);
}
