import { dates } from "./dates.ts";
import { found, foundParts, kind, pattern } from "./pattern.ts";

/** Which of both a text is: a document gives what a question may shorten. */
export type Side = "document" | "question";

const CURRENCIES: Readonly<Record<string, string>> = {
  "€": "eur",
  $: "usd",
  "£": "gbp",
  "¥": "jpy",
  "₹": "inr",
  "₽": "rub",
};
const CODE = "eur|usd|gbp|jpy|chf|sek|nok|dkk|pln|czk|huf|inr|rub|uah|cny|krw|brl|cad|aud";
const CODES: ReadonlySet<string> = new Set(CODE.split("|"));
/** Three letters beside a number. */
const AFTER_NUMBER = /\d ?[a-z]{3}/g;
const BEFORE_NUMBER = /[a-z]{3} ?(?=\d)/g;
const NUMBER = "\\d{1,3}(?:[ '’.,]\\d{3}){1,5}(?:[.,]\\d{1,2})?|\\d+(?:[.,]\\d{1,2})?";
const UNITS: ReadonlySet<string> = new Set(
  "kg|g|mg|μg|t|lb|lbs|oz|km|m|cm|mm|μm|nm|ft|mi|yd|l|ml|cl|kv|mv|v|ma|kw|mw|gw|w|kwh|mwh|wh|hz|khz|mhz|ghz|kb|mb|gb|tb|pb|kib|mib|gib|tib|bar|psi|pa|kpa|mpa|n|nm|kn|j|kj|k|rpm|ms|μs|ns|s|min|h|db|px|pt|dpi|°c|°f|°|%|ω|kω".split(
    "|",
  ),
);

/** What is looked for in a text in lower case. */
export const kinds = {
  /** Letters against digits within a word: `mxh3602`, `5kg`. Checksums change between them more often, and mean nothing in pieces. */
  mixed: kind(
    /\d[a-z\x80-\uffff]|[a-z\x80-\uffff]\d/,
    String.raw`(?<![\p{L}\p{N}])(?:\d+[\p{L}]+\d*|[\p{L}]+\d+[\p{L}]*)(?![\p{L}\p{N}])`,
  ),
  /** A name with its version in one: `Python3.12`, `TLSv1.3`. */
  version: kind(
    /\d[a-z\x80-\uffff]|[a-z\x80-\uffff]\d/,
    String.raw`(?<![\p{L}\p{N}])([\p{L}]{2,20}?)v?(\d+(?:\.\d+)+)(?![\p{L}\p{N}])`,
  ),
  /** Sizes: `M8x40`, `M8 × 40`, `1920 x 1080`. */
  size: kind(
    /\d ?[x×*] ?\d/,
    String.raw`(?<![\p{N}.,])([\p{L}]?\d+(?:[.,]\d+)?) ?[x×*] ?(\d+(?:[.,]\d+)?)(?: ?[x×*] ?(\d+(?:[.,]\d+)?))?(?![\p{N}])`,
  ),
  /** Clauses: `14.3(a)`, `11(b)(2)`. */
  clause: kind(/\d\([a-z\d]{1,4}\)/, String.raw`(?<![\p{L}\p{N}.])\d+(?:\.\d+)*(?:\([a-z\d]{1,4}\))+`),
  /** Letters and digits; it is asked for by its beginning. */
  checksum: kind(
    /\d-?[a-f]|[a-f]-?\d/,
    String.raw`(?<![\p{L}\p{N}])(?=\d*(?:-\d+)*-?[a-f])(?=[a-f]*(?:-[a-f]+)*-?\d)[0-9a-f]{7,128}(?:-[0-9a-f]{4,12}){0,8}(?![\p{L}\p{N}])`,
  ),
  /** Digits in groups: telephone numbers, accounts, card numbers. */
  groups: kind(/\d[ ()./-]{1,3}\d/, String.raw`(?<![\p{L}\p{N}.])\d+(?:[ ()./\-]{1,3}\d+)+(?![\p{L}\p{N}])`),
  /** With and without its country's number, a telephone number ends in the same digits. */
  telephone: kind(/\d{9}/, String.raw`(?<![\p{L}\p{N}.,])(?:\+\d{9,15}|0\d{8,14}|\d{10})(?![\p{L}\p{N}]|[.,]\d)`),
  account: kind(
    /[a-z]{2}\d\d/,
    String.raw`(?<![\p{L}\p{N}])[a-z]{2}\d{2}(?: ?(?:[a-z]{4}(?= ?[a-z]{0,3}\d)|(?=[a-z]{0,3}\d)[a-z\d]{4})){2,7}(?: ?(?=[a-z]{0,3}\d)[a-z\d]{1,4})?(?![\p{L}\p{N}])`,
  ),
  amount: kind(
    // A sign of a currency, or three letters beside a number; `mayHoldAmount` looks which.
    /[€$£¥₹₽]|\d ?[a-z]{3}|[a-z]{3} ?\d/,
    String.raw`(?:([€$£¥₹₽]|(?<![\p{L}])(?:${CODE})) ?)(${NUMBER})(?![\p{N}])|(?<![\p{L}\p{N}.,])(${NUMBER}) ?([€$£¥₹₽]|(?:${CODE})(?![\p{L}\p{N}]))`,
  ),
  /** Any short word after a number, which `UNITS` then judges: so long a list of alternatives is slow to compile. */
  measure: kind(
    /\d ?[a-z°%μω]/,
    String.raw`(?<![\p{L}\p{N}.,])(\d+(?:[.,]\d+)?) ?([a-zμω]{1,3}|°[cf]?|%)(?![\p{L}\p{N}])`,
  ),
};
const LETTERS_OR_DIGITS = pattern(String.raw`[\p{L}]+|\d+`);
/** The number with its letter is a name's in turn: `Cat6a`, `Cat 6a`. */
const NUMBERED = pattern(String.raw`(?<=^[\p{L}]+)\d+[\p{L}]+$`);
const LAST_PART = /\([^()]*\)$/;
/** Characters of a checksum by which it is asked for. */
const beginnings = [7, 8, 12, 16] as const;
const LEAST_CHECKSUM = 24;
const TRUNK_ZERO = /\(0\)/g;
const leastGrouped = 7;
const mostGrouped = 24;
const telephoneDigits = { least: 9, most: 15, national: 9 } as const;
const THOUSANDS = /^\d{1,3}\.\d{3}$/;
const LONGEST_MIXED = 20;
const DIGIT = /\d/;
const CURRENCY = /[€$£¥₹₽]/;
const YEAR = /\d{4}/;

/** Forms of what has digits. @param text in lower case, with ASCII digits. */
export function numbers(text: string, side: Side, ascii: boolean): (readonly string[])[] {
  return [
    YEAR.test(text) ? dates(text, ascii) : [],
    Array.from(foundParts(text, kinds.version, ascii), ([, name = "", version = ""]) => [name, version]).flat(),
    Array.from(foundParts(text, kinds.size, ascii), ([, ...sides]) =>
      sides.filter((side) => side !== undefined).join("x"),
    ),
    found(text, kinds.clause, ascii).flatMap((clause) => [clause, clause.replace(LAST_PART, "")]),
    found(text, kinds.telephone, ascii).map(national),
    found(text, kinds.checksum, ascii).flatMap((word) => checksum(word, side)),
    found(text, kinds.mixed, ascii)
      .filter(({ length }) => length <= LONGEST_MIXED)
      .flatMap((word) => [...(word.match(LETTERS_OR_DIGITS(ascii)) ?? []), ...(word.match(NUMBERED(ascii)) ?? [])]),
    found(text, kinds.groups, ascii).flatMap(grouped),
    found(text, kinds.account, ascii).map((account) => account.replaceAll(" ", "")),
    mayHoldAmount(text) ? amounts(text, ascii) : [],
    Array.from(foundParts(text, kinds.measure, ascii), ([, value = "", unit = ""]) =>
      UNITS.has(unit) ? values(value).map((number) => number + unit) : [],
    ).flat(),
  ];
}

/** `1.250` may be a thousand and more, or one and a quarter. */
function values(written: string): string[] {
  const value = written.replace(",", ".");
  return THOUSANDS.test(value) ? [value, value.replace(".", "")] : [value];
}

function mayHoldAmount(text: string): boolean {
  if (CURRENCY.test(text)) return true;
  const isCode = (words: string, from: number) => CODES.has(words.trim().slice(from));
  return (
    (text.match(AFTER_NUMBER) ?? []).some((words) => isCode(words, -3)) ||
    (text.match(BEFORE_NUMBER) ?? []).some((words) => isCode(words, 0))
  );
}

function amounts(text: string, ascii: boolean): string[] {
  return Array.from(foundParts(text, kinds.amount, ascii), ([, before, first, second, after]) => {
    const currency = before ?? after ?? "";
    return `${amount(first ?? second ?? "")}${CURRENCIES[currency] ?? currency}`;
  });
}

function grouped(run: string): string[] {
  const digits = run.replace(TRUNK_ZERO, "").replace(/\D/g, "");
  if (digits.length < leastGrouped || digits.length > mostGrouped) return [];
  // A version or an address has points alone, and no part so long.
  if (!/[^\d.]/.test(run) && !/\d{4}/.test(run)) return [];
  const isTelephone = digits.length >= telephoneDigits.least && digits.length <= telephoneDigits.most;
  return [digits, ...(isTelephone ? [national(digits)] : [])];
}

function national(number: string): string {
  return `t${number.slice(-telephoneDigits.national)}`;
}

/** `4,310.00`, `4.310,00` and `4310` are one amount: the last sign before one or two digits is the decimal one. */
function amount(written: string): string {
  const [, whole = "", fraction = "0"] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(written) ?? [];
  return String(Number(`${whole.replace(/\D/g, "")}.${fraction}`));
}

function checksum(word: string, side: Side): string[] {
  const sum = word.replaceAll("-", "");
  if (!/[a-f]/.test(sum) || !DIGIT.test(sum)) return [];
  // A question's is as long as it happens to be, and asks for the longest of these that it holds.
  if (side === "question")
    return beginnings
      .filter((length) => length <= sum.length)
      .slice(-1)
      .map((length) => sum.slice(0, length));
  return sum.length < LEAST_CHECKSUM ? [] : beginnings.map((length) => sum.slice(0, length));
}
