/**
 * What people write in several ways and mean as one: part numbers, symbols of programs, versions, checksums, telephone numbers,
 * dates, amounts. Each form here gives a term that all its ways of writing share, so the terms are compared and never parsed back.
 */

import { monthOf } from "./months.ts";

/** Which of both a text is: a document gives what a question may shorten. */
export type Side = "document" | "question";

/** Pieces of letters and digits with one sign between: `SD-1066-N`, `max_depth`, `4.7.2-rc1`, `D95/106`, `R&D`; an address of the web. */
const JOINED = /(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:(?::\/\/|[-\u2010\u2011_.:/&+@?=%~])[\p{L}\p{N}]+)+/gu;
const SIGN = /[-\u2010\u2011_:/&+@?=%~]|(?<!\d)\.|\.(?!\d)/gu;
const SCHEME = /^\p{L}+:\/\//u;
/** Signs that join words of prose and names of files too; with them a form needs a digit. */
const LOOSE = /[/:@?=]/;
/** It joins words of prose, which a document has often; a question that asks for `load-tenant-ledger` means `loadTenantLedger` too. */
const HYPHEN = /[-\u2010\u2011]/;
const HYPHENS = /[-\u2010\u2011]/g;
const DIGIT = /\d/;
const YEAR = /\d{4}/;
const NOT_ASCII = /[^\0-\x7f]/;
const LEAST_FORM = 2;
const LONGEST_FORM = 64;
/** A port, a mask or a label is not a part of the address or version beside it. */
const APART = /[/:@+]/;
const DOTTED = /\d\.\d/;
const VERSION_SIGN = /(?<![\p{L}\p{N}])v(?=\d)/u;

/** Letters against digits within a word: `mxh3602`, `5kg`. Checksums change between them more often, and mean nothing in pieces. */
const MIXED = /^(?:\d+\p{L}+\d*|\p{L}+\d+\p{L}*)$/u;
const LETTERS_OR_DIGITS = /\p{L}+|\d+/gu;
/** The number with its letter is a name's in turn: `Cat6a`, `Cat 6a`. */
const NUMBERED = /^\p{L}+(\d+\p{L}+)$/u;
const IS_DIGIT = /^\d$/;
/** A name with its version in one: `python3.12`, `TLSv1.3`. */
const NAMED_VERSION = /(?<![\p{L}\p{N}])(\p{L}{2,20}?)v?(\d+(?:\.\d+)+)(?![\p{L}\p{N}])/gu;
/** Capitals and digits in short groups, as they stand in the text: `06A 115 561 B`, `LM 317 T`, `RFC 9110`, `AB12 CDE`. */
const SPACED = /(?<![\p{L}\p{N}])(?:\p{Lu}{1,4}|[\p{Lu}\d]{1,7})(?:[ -](?:\p{Lu}{1,4}|[\p{Lu}\d]{1,7})){1,5}(?![\p{L}\p{N}])/gu;
const leastSpaced = 3;
const mostSpaced = 20;
/** Capitals joined by a hyphen are one name, also without it: `USB-C`, `Wi-Fi`, `Objective-C`. */
const CAPITALS = /(?<![\p{L}\p{N}])\p{Lu}\p{L}*(?:[-\u2010\u2011]\p{Lu}\p{L}*)+(?![\p{L}\p{N}])/gu;
/** What a particle is joined to: `O'Shaughnessy`, `d'Artagnan`. */
const PARTICLE = /(?<![\p{L}\p{N}])\p{L}{1,2}['’](\p{L}{3,})/gu;
/** Sizes: `M8x40`, `M8 × 40`, `1920 x 1080`. */
const SIZE = /(?<![\p{N}.,])(\p{L}?\d+(?:[.,]\d+)?) ?[x×*] ?(\d+(?:[.,]\d+)?)(?: ?[x×*] ?(\d+(?:[.,]\d+)?))?(?!\p{N})/gu;
/** Clauses: `14.3(a)`, `11(b)(2)`. */
const CLAUSE = /(?<![\p{L}\p{N}.])\d+(?:\.\d+)*(?:\([a-z\d]{1,4}\))+/gu;

/** A checksum is asked for by its beginning; so many characters of it. */
const CHECKSUM = /(?<![\p{L}\p{N}])[0-9a-f]{7,128}(?:-[0-9a-f]{4,12}){0,8}(?![\p{L}\p{N}])/gu;
const beginnings = [7, 8, 12, 16] as const;
const LEAST_CHECKSUM = 24;

/** Digits in groups: telephone numbers, accounts, card numbers. */
const GROUPS = /(?<![\p{L}\p{N}.])\d+(?:[ ()./-]{1,3}\d+)+(?![\p{L}\p{N}])/gu;
const TRUNK_ZERO = /\(0\)/g;
const leastGrouped = 7;
const mostGrouped = 24;
/** With and without its country's number, a telephone number ends in the same digits. */
const TELEPHONE = /(?<![\p{L}\p{N}.,])(?:\+\d{9,15}|0\d{8,14}|\d{10})(?![\p{L}\p{N}]|[.,]\d)/gu;
const nationalDigits = 9;
const telephoneDigits = { least: 9, most: 15 } as const;
const IBAN =
  /(?<![\p{L}\p{N}])[a-z]{2}\d{2}(?: ?(?:[a-z]{4}(?= ?[a-z]{0,3}\d)|(?=[a-z]{0,3}\d)[a-z\d]{4})){2,7}(?: ?(?=[a-z]{0,3}\d)[a-z\d]{1,4})?(?![\p{L}\p{N}])/gu;

const MONTH = "(\\p{L}{3,12})[.]?";
const YEAR_FIRST = /(?<![\p{N}.])(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?![\p{N}.]\d|\d)/gu;
const YEAR_LAST = /(?<![\p{N}.])(\d{1,2})([-./])(\d{1,2})\2(\d{4})(?!\d)/gu;
const RUN_OF_DAY = /(?<![\p{L}\p{N}.,])((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\p{L}\p{N}]|[.,]\d)/gu;
const IDEOGRAPHIC = /(?<!\d)(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]/gu;
const DAY_MONTH = new RegExp(`(?<!\\d)(\\d{1,2})(?:st|nd|rd|th|er|[.ºª])? (?:of |de )?${MONTH},? (?:de )?(\\d{4})(?!\\d)`, "gu");
const MONTH_DAY = new RegExp(`(?<!\\p{L})${MONTH} (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})(?!\\d)`, "gu");

const CURRENCIES: Readonly<Record<string, string>> = {
  "€": "eur",
  $: "usd",
  "£": "gbp",
  "¥": "jpy",
  "₹": "inr",
  "₽": "rub",
};
const CODE = "eur|usd|gbp|jpy|chf|sek|nok|dkk|pln|czk|huf|inr|rub|uah|cny|krw|brl|cad|aud";
const NUMBER = "\\d{1,3}(?:[ '’.,]\\d{3}){1,5}(?:[.,]\\d{1,2})?|\\d+(?:[.,]\\d{1,2})?";
const AMOUNT = new RegExp(
  `(?:([€$£¥₹₽]|(?<![\\p{L}])(?:${CODE})) ?)(${NUMBER})(?![\\p{N}])|(?<![\\p{L}\\p{N}.,])(${NUMBER}) ?([€$£¥₹₽]|(?:${CODE})(?![\\p{L}\\p{N}]))`,
  "gu",
);
const UNIT =
  "kg|g|mg|μg|t|lb|lbs|oz|km|m|cm|mm|μm|nm|ft|mi|yd|l|ml|cl|kv|mv|v|ma|kw|mw|gw|w|kwh|mwh|wh|hz|khz|mhz|ghz|kb|mb|gb|tb|pb|kib|mib|gib|tib|bar|psi|pa|kpa|mpa|n|nm|kn|j|kj|k|rpm|ms|μs|ns|s|min|h|db|px|pt|dpi|°c|°f|°|%|ω|kω";
const THOUSANDS = /^\d{1,3}\.\d{3}$/;
const MEASURE = new RegExp(`(?<![\\p{L}\\p{N}.,])(\\d+(?:[.,]\\d+)?) ?(${UNIT})(?![\\p{L}\\p{N}])`, "gu");

/** Names that end in a sign, or begin with a point: `C++`, `F#`, `.NET`, `.gitignore`. */
const SIGNED = /(?<![\p{L}\p{N}])\p{L}{1,2}(?:\+\+|#)(?![\p{L}\p{N}])|(?<![\p{L}\p{N}./\\)])\.\p{L}[\p{L}\p{N}]+/gu;
/** `J. R. Q.`; without spaces they are one word already. */
const INITIALS = /(?<![\p{L}\p{N}])(?:\p{L}\. ){1,3}\p{L}\.(?![\p{L}\p{N}])/gu;
const HUMP = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const HUMPED = /\p{Ll}\p{Lu}/u;
const CAPITAL = /\p{Lu}/u;
const COMMA = /(?<=\d),(?=\d{3}(?!\d))/g;
/** How German, Danish, Norwegian and Swedish names are typed where a keyboard lacks the letter. */
const TYPED: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ø: "oe", å: "aa" };
const UMLAUT = /[äöüøå]/;
const UMLAUTS = /[äöüøå]/g;
/** Letters and digits alone; a longer run of them is no word. */
const RUN = /[\p{L}\p{N}]+/gu;
const LONGEST_MIXED = 20;

/**
 * Words that a text gives besides its own, in lower case.
 * @param text as it was written, for its capitals.
 * @param folded the same in lower case and compatibility forms, with ASCII digits.
 */
export function formsOf(text: string, folded: string, side: Side): string[] {
  const plain = folded.replaceAll("\u2212", "-");
  const forms = [
    ...(HUMPED.test(text) ? [humps(text)] : []),
    ...(CAPITAL.test(text) ? [capitals(text)] : []),
    ...(/['’]/.test(plain) ? [Array.from(plain.matchAll(PARTICLE), ([, name = ""]) => name)] : []),
    ...(/[-\u2010\u2011_.:/&+@?=%~]/.test(plain)
      ? [(plain.match(JOINED) ?? []).flatMap((word) => joined(word, side))]
      : []),
    ...(/[#+.]/.test(plain) ? [plain.match(SIGNED) ?? []] : []),
    ...(plain.includes(". ") ? [(plain.match(INITIALS) ?? []).map((run) => run.replace(/[. ]/g, ""))] : []),
    ...(NOT_ASCII.test(plain) ? [typed(plain)] : []),
    ...(DIGIT.test(plain) ? numbers(plain, side) : []),
  ];
  return forms
    .flat()
    .filter((form) => (form.length >= LEAST_FORM || IS_DIGIT.test(form)) && form.length <= LONGEST_FORM);
}

function typed(text: string): string[] {
  return wordsIn(text.normalize("NFC"), LONGEST_FORM)
    .filter((word) => UMLAUT.test(word))
    .map((word) => word.replace(UMLAUTS, (letter) => TYPED[letter] ?? letter));
}

function wordsIn(text: string, longest: number): string[] {
  return (text.match(RUN) ?? []).filter(({ length }) => length <= longest);
}

function humps(text: string): string[] {
  return wordsIn(text, LONGEST_FORM)
    .filter((word) => HUMPED.test(word))
    .flatMap((word) => word.split(HUMP))
    .filter(({ length }) => length >= LEAST_FORM)
    .map((part) => part.toLowerCase());
}

/** Groups of capitals and digits as one word; of longer runs each name with its number besides. */
function capitals(text: string): string[] {
  const forms = (text.match(CAPITALS) ?? []).map((name) => name.replace(HYPHENS, ""));
  for (const run of text.replace(COMMA, "").match(SPACED) ?? []) {
    const groups = run.split(/[ -]/);
    const whole = groups.join("");
    if (!DIGIT.test(whole) || !CAPITAL.test(whole)) continue;
    if (whole.length >= leastSpaced && whole.length <= mostSpaced) forms.push(whole);
    if (groups.length === 2) continue;
    groups.slice(1).forEach((group, at) => {
      const name = groups[at] ?? "";
      if (/^\p{Lu}{2,}$/u.test(name) && /^\d+$/.test(group)) forms.push(name + group);
    });
  }
  return forms.map((form) => form.toLowerCase());
}

function joined(written: string, side: Side): string[] {
  const word = written.replace(SCHEME, "");
  const parts = APART.test(word) ? word.split(APART).filter((part) => DOTTED.test(part)) : [];
  const isCode =
    DIGIT.test(word) || word !== written || !(LOOSE.test(word) || (side === "document" && HYPHEN.test(word)));
  return [...(isCode ? [word] : []), ...parts]
    .map((form) => form.replace(SIGN, ""))
    .flatMap((form) => (VERSION_SIGN.test(form) ? [form, form.slice(1)] : [form]));
}

function numbers(text: string, side: Side): string[][] {
  return [
    YEAR.test(text) ? dates(text) : [],
    Array.from(text.matchAll(NAMED_VERSION), ([, name = "", version = ""]) => [name, version]).flat(),
    Array.from(text.matchAll(SIZE), ([, ...sides]) => sides.filter((side) => side !== undefined).join("x")),
    (text.match(CLAUSE) ?? []).flatMap((clause) => [clause, clause.replace(/\([^()]*\)$/, "")]),
    (text.match(TELEPHONE) ?? []).map(national),
    checksums(text, side),
    wordsIn(text, LONGEST_MIXED)
      .filter((word) => MIXED.test(word))
      .flatMap((word) => [...(word.match(LETTERS_OR_DIGITS) ?? []), ...(NUMBERED.exec(word)?.slice(1) ?? [])]),
    (text.match(GROUPS) ?? []).flatMap(grouped),
    (text.match(IBAN) ?? []).map((account) => account.replaceAll(" ", "")),
    Array.from(text.matchAll(AMOUNT), ([, before, first, second, after]) => {
      const currency = before ?? after ?? "";
      return `${amount(first ?? second ?? "")}${CURRENCIES[currency] ?? currency}`;
    }),
    Array.from(text.matchAll(MEASURE), ([, value = "", unit = ""]) => {
      const number = value.replace(",", ".");
      return THOUSANDS.test(number) ? [number + unit, number.replace(".", "") + unit] : [number + unit];
    }).flat(),
  ];
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
  return `t${number.slice(-nationalDigits)}`;
}

/** `4,310.00`, `4.310,00` and `4310` are one amount: the last sign before one or two digits is the decimal one. */
function amount(written: string): string {
  const [, whole = "", fraction = "0"] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(written) ?? [];
  return String(Number(`${whole.replace(/\D/g, "")}.${fraction}`));
}

function checksums(text: string, side: Side): string[] {
  return (text.match(CHECKSUM) ?? []).flatMap((word) => {
    const sum = word.replaceAll("-", "");
    if (!/[a-f]/.test(sum) || !DIGIT.test(sum)) return [];
    // A question's is as long as it happens to be, and asks for the longest of these that it holds.
    if (side === "question")
      return beginnings
        .filter((length) => length <= sum.length)
        .slice(-1)
        .map((length) => sum.slice(0, length));
    return sum.length < LEAST_CHECKSUM ? [] : beginnings.map((length) => sum.slice(0, length));
  });
}

/** Days as `20310317`; where nobody knows whether the day or the month comes first, both. */
function dates(text: string): string[] {
  const days: string[] = [];
  const add = (year = "", month = 0, day = 0): void => {
    if (month < 1 || month > 12 || day < 1 || day > 31) return;
    const inMonth = `${year}${String(month).padStart(2, "0")}`;
    // The month besides, so that the numbers that two ways of writing share do not outweigh the day.
    days.push(`${inMonth}${String(day).padStart(2, "0")}`, `m${inMonth}`);
  };
  for (const [, year, , month, day] of text.matchAll(YEAR_FIRST)) add(year, Number(month), Number(day));
  for (const [, first, sign, second, year] of text.matchAll(YEAR_LAST)) {
    add(year, Number(second), Number(first));
    if (sign === "/" && first !== second) add(year, Number(first), Number(second));
  }
  for (const [, year, month, day] of text.matchAll(RUN_OF_DAY)) add(year, Number(month), Number(day));
  for (const [, year, month, day] of text.matchAll(IDEOGRAPHIC)) add(year, Number(month), Number(day));
  for (const [, day, month, year] of text.matchAll(DAY_MONTH)) add(year, monthOf(month), Number(day));
  for (const [, month, day, year] of text.matchAll(MONTH_DAY)) add(year, monthOf(month), Number(day));
  return days;
}
