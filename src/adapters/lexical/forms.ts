import { capitals } from "./capitals.ts";
import { dates } from "./dates.ts";
import { isAscii, pattern } from "./pattern.ts";

/**
 * What people write in several ways and mean as one: part numbers, symbols of programs, versions, checksums, telephone numbers,
 * dates, amounts. Each form here gives a term that all its ways of writing share, so the terms are compared and never parsed back.
 */

/**
 * What each kind of form cannot do without. Most texts have few of them, and looking for these costs a tenth of looking for the forms, and
 * of compiling their patterns, which the garbage collector drops again. They let through more than there is, never less.
 */
const hints = {
  joined: /[a-z\d\x80-\uffff][-_.:/&+@?=%~\u2010\u2011][a-z\d/\x80-\uffff]/,
  signed: /\+\+|#|(?:^|[^a-z\d./\\)])\.[a-z\x80-\uffff]/,
  initials: /[a-z\x80-\uffff]\. [a-z\x80-\uffff]\./,
  mixed: /\d[a-z\x80-\uffff]|[a-z\x80-\uffff]\d/,
  checksum: /\d-?[a-f]|[a-f]-?\d/,
  size: /\d ?[x×*] ?\d/,
  clause: /\d\([a-z\d]{1,4}\)/,
  telephone: /\d{9}/,
  particle: /['’][a-z\x80-\uffff]{3}/,
  groups: /\d[ ()./-]{1,3}\d/,
  account: /[a-z]{2}\d\d/,
  currency: /[€$£¥₹₽]/,
  year: /\d{4}/,
};

/** Which of both a text is: a document gives what a question may shorten. */
export type Side = "document" | "question";

/** Pieces of letters and digits with one sign between: `SD-1066-N`, `max_depth`, `4.7.2-rc1`, `D95/106`, `R&D`; an address of the web. */
const JOINED = pattern(
  String.raw`(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:(?::\/\/|[\-\u2010\u2011_.:\/&+@?=%~])[\p{L}\p{N}]+)+`,
);
const SIGN = /[-\u2010\u2011_:/&+@?=%~]|(?<!\d)\.|\.(?!\d)/gu;
const SCHEME = pattern(String.raw`^[\p{L}]+:\/\/`);
/** Signs that join words of prose and names of files too; with them a form needs a digit. */
const LOOSE = /[/:@?=]/;
/** It joins words of prose, which a document has often; a question that asks for `load-tenant-ledger` means `loadTenantLedger` too. */
const HYPHEN = /[-\u2010\u2011]/;
const DIGIT = /\d/;
const LEAST_FORM = 2;
const LONGEST_FORM = 64;
/** A port, a mask or a label is not a part of the address or version beside it. */
const APART = /[/:@+]/;
const DOTTED = /\d\.\d/;
const VERSION_SIGN = pattern(String.raw`(?<![\p{L}\p{N}])v(?=\d)`);

/** Letters against digits within a word: `mxh3602`, `5kg`. Checksums change between them more often, and mean nothing in pieces. */
const MIXED = pattern(String.raw`(?<![\p{L}\p{N}])(?:\d+[\p{L}]+\d*|[\p{L}]+\d+[\p{L}]*)(?![\p{L}\p{N}])`);
const LETTERS_OR_DIGITS = pattern(String.raw`[\p{L}]+|\d+`);
/** The number with its letter is a name's in turn: `Cat6a`, `Cat 6a`. */
const NUMBERED = pattern(String.raw`(?<=^[\p{L}]+)\d+[\p{L}]+$`);
const IS_DIGIT = /^\d$/;
/** A name with its version in one: `Python3.12`, `TLSv1.3`. */
const NAMED_VERSION = pattern(String.raw`(?<![\p{L}\p{N}])([\p{L}]{2,20}?)v?(\d+(?:\.\d+)+)(?![\p{L}\p{N}])`);
/** Sizes: `M8x40`, `M8 × 40`, `1920 x 1080`. */
const SIZE = pattern(
  String.raw`(?<![\p{N}.,])([\p{L}]?\d+(?:[.,]\d+)?) ?[x×*] ?(\d+(?:[.,]\d+)?)(?: ?[x×*] ?(\d+(?:[.,]\d+)?))?(?![\p{N}])`,
);
/** Clauses: `14.3(a)`, `11(b)(2)`. */
const CLAUSE = pattern(String.raw`(?<![\p{L}\p{N}.])\d+(?:\.\d+)*(?:\([a-z\d]{1,4}\))+`);
const LAST_PART = /\([^()]*\)$/;
/** What a particle is joined to: `O'Shaughnessy`, `d'Artagnan`. */
const PARTICLE = pattern(String.raw`(?<=(?<![\p{L}\p{N}])[\p{L}]{1,2}['’])[\p{L}]{3,}`);

/** A checksum is asked for by its beginning; so many characters of it. */
const CHECKSUM = pattern(String.raw`(?<![\p{L}\p{N}])[0-9a-f]{7,128}(?:-[0-9a-f]{4,12}){0,8}(?![\p{L}\p{N}])`);
const beginnings = [7, 8, 12, 16] as const;
const LEAST_CHECKSUM = 24;

/** Digits in groups: telephone numbers, accounts, card numbers. */
const GROUPS = pattern(String.raw`(?<![\p{L}\p{N}.])\d+(?:[ ()./\-]{1,3}\d+)+(?![\p{L}\p{N}])`);
const TRUNK_ZERO = /\(0\)/g;
const leastGrouped = 7;
const mostGrouped = 24;
/** With and without its country's number, a telephone number ends in the same digits. */
const TELEPHONE = pattern(String.raw`(?<![\p{L}\p{N}.,])(?:\+\d{9,15}|0\d{8,14}|\d{10})(?![\p{L}\p{N}]|[.,]\d)`);
const telephoneDigits = { least: 9, most: 15, national: 9 } as const;
const IBAN = pattern(
  String.raw`(?<![\p{L}\p{N}])[a-z]{2}\d{2}(?: ?(?:[a-z]{4}(?= ?[a-z]{0,3}\d)|(?=[a-z]{0,3}\d)[a-z\d]{4})){2,7}(?: ?(?=[a-z]{0,3}\d)[a-z\d]{1,4})?(?![\p{L}\p{N}])`,
);

const CURRENCIES: Readonly<Record<string, string>> = {
  "€": "eur",
  $: "usd",
  "£": "gbp",
  "¥": "jpy",
  "₹": "inr",
  "₽": "rub",
};
/** Three letters beside a number. */
const AFTER_NUMBER = /\d ?[a-z]{3}/g;
const BEFORE_NUMBER = /[a-z]{3} ?(?=\d)/g;
const CODE = "eur|usd|gbp|jpy|chf|sek|nok|dkk|pln|czk|huf|inr|rub|uah|cny|krw|brl|cad|aud";
const CODES: ReadonlySet<string> = new Set(CODE.split("|"));
const NUMBER = "\\d{1,3}(?:[ '’.,]\\d{3}){1,5}(?:[.,]\\d{1,2})?|\\d+(?:[.,]\\d{1,2})?";
const AMOUNT = pattern(
  String.raw`(?:([€$£¥₹₽]|(?<![\p{L}])(?:${CODE})) ?)(${NUMBER})(?![\p{N}])|(?<![\p{L}\p{N}.,])(${NUMBER}) ?([€$£¥₹₽]|(?:${CODE})(?![\p{L}\p{N}]))`,
);
const UNITS: ReadonlySet<string> = new Set(
  "kg|g|mg|μg|t|lb|lbs|oz|km|m|cm|mm|μm|nm|ft|mi|yd|l|ml|cl|kv|mv|v|ma|kw|mw|gw|w|kwh|mwh|wh|hz|khz|mhz|ghz|kb|mb|gb|tb|pb|kib|mib|gib|tib|bar|psi|pa|kpa|mpa|n|nm|kn|j|kj|k|rpm|ms|μs|ns|s|min|h|db|px|pt|dpi|°c|°f|°|%|ω|kω".split(
    "|",
  ),
);
const THOUSANDS = /^\d{1,3}\.\d{3}$/;
/** Any short word after a number, which `UNITS` then judges: so long a list of alternatives is slow to compile. */
const MEASURE = pattern(String.raw`(?<![\p{L}\p{N}.,])(\d+(?:[.,]\d+)?) ?([a-zμω]{1,3}|°[cf]?|%)(?![\p{L}\p{N}])`);

/** Names that end in a sign, or begin with a point: `C++`, `F#`, `.NET`, `.gitignore`. */
const SIGNED = pattern(
  String.raw`(?<![\p{L}\p{N}])[\p{L}]{1,2}(?:\+\+|#)(?![\p{L}\p{N}])|(?<![\p{L}\p{N}.\/\\)])\.[\p{L}][\p{L}\p{N}]+`,
);
/** `J. R. Q.`; without spaces they are one word already. */
const INITIALS = pattern(String.raw`(?<![\p{L}\p{N}])(?:[\p{L}]\. ){1,3}[\p{L}]\.(?![\p{L}\p{N}])`);
const HUMP = pattern(String.raw`(?<=[\p{Ll}\p{N}])(?=[\p{Lu}])|(?<=[\p{Lu}])(?=[\p{Lu}][\p{Ll}])`);
const HUMPED = pattern(String.raw`[\p{Ll}][\p{Lu}]`);
/** How German, Danish, Norwegian and Swedish names are typed where a keyboard lacks the letter. */
const TYPED: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ø: "oe", å: "aa" };
const UMLAUT = /[äöüøå]/;
const UMLAUTS = /[äöüøå]/g;
/** Letters and digits alone; a longer run of them is no word. */
const RUN = pattern(String.raw`[\p{L}\p{N}]+`);
const LONGEST_MIXED = 20;

/**
 * Words that a text gives besides its own, in lower case.
 * @param text as it was written, for its capitals.
 * @param folded the same in lower case and compatibility forms, with ASCII digits.
 */
export function formsOf(text: string, folded: string, side: Side): string[] {
  const plain = folded.replaceAll("\u2212", "-");
  const ascii = isAscii(text);
  const forms = [
    has(text, HUMPED(ascii)) ? humps(text, ascii) : [],
    capitals(text, ascii),
    all(plain, hints.particle, PARTICLE(ascii)),
    all(plain, hints.joined, JOINED(ascii)).flatMap((word) => joined(word, side, ascii)),
    all(plain, hints.signed, SIGNED(ascii)),
    all(plain, hints.initials, INITIALS(ascii)).map((run) => run.replace(/[. ]/g, "")),
    ascii ? [] : typed(plain),
    ...(DIGIT.test(plain) ? numbers(plain, side, ascii) : []),
  ];
  return forms
    .flat()
    .filter((form) => (form.length >= LEAST_FORM || IS_DIGIT.test(form)) && form.length <= LONGEST_FORM);
}

/** Where the hint is there, whatever is of the kind. */
function all(text: string, hint: RegExp, kind: RegExp): readonly string[] {
  return hint.test(text) ? (text.match(kind) ?? []) : [];
}

/** For patterns of all places, whose own test would go on from the last one. */
function has(text: string, kind: RegExp): boolean {
  return text.search(kind) >= 0;
}

function typed(text: string): string[] {
  return wordsIn(text.normalize("NFC"), false)
    .filter((word) => UMLAUT.test(word))
    .map((word) => word.replace(UMLAUTS, (letter) => TYPED[letter] ?? letter));
}

function wordsIn(text: string, ascii: boolean): string[] {
  return (text.match(RUN(ascii)) ?? []).filter(({ length }) => length <= LONGEST_FORM);
}

function humps(text: string, ascii: boolean): string[] {
  return wordsIn(text, ascii)
    .filter((word) => has(word, HUMPED(ascii)))
    .flatMap((word) => word.split(HUMP(ascii)))
    .filter(({ length }) => length >= LEAST_FORM)
    .map((part) => part.toLowerCase());
}

function joined(written: string, side: Side, ascii: boolean): string[] {
  // Words of prose, which are nearly all that a document joins.
  if (side === "document" && HYPHEN.test(written) && !DIGIT.test(written) && !written.includes("://")) return [];
  const word = written.replace(SCHEME(ascii), "");
  const parts = APART.test(word) ? word.split(APART).filter((part) => DOTTED.test(part)) : [];
  const isCode =
    DIGIT.test(word) || word !== written || !(LOOSE.test(word) || (side === "document" && HYPHEN.test(word)));
  return [...(isCode ? [word] : []), ...parts]
    .map((form) => form.replace(SIGN, ""))
    .flatMap((form) => (has(form, VERSION_SIGN(ascii)) ? [form, form.slice(1)] : [form]));
}

function numbers(text: string, side: Side, ascii: boolean): (readonly string[])[] {
  return [
    hints.year.test(text) ? dates(text, ascii) : [],
    hints.mixed.test(text) ? versions(text, ascii) : [],
    hints.size.test(text) ? sizes(text, ascii) : [],
    all(text, hints.clause, CLAUSE(ascii)).flatMap((clause) => [clause, clause.replace(LAST_PART, "")]),
    all(text, hints.telephone, TELEPHONE(ascii)).map(national),
    hints.checksum.test(text) ? checksums(text, side, ascii) : [],
    all(text, hints.mixed, MIXED(ascii))
      .filter(({ length }) => length <= LONGEST_MIXED)
      .flatMap((word) => [...(word.match(LETTERS_OR_DIGITS(ascii)) ?? []), ...(word.match(NUMBERED(ascii)) ?? [])]),
    all(text, hints.groups, GROUPS(ascii)).flatMap(grouped),
    all(text, hints.account, IBAN(ascii)).map((account) => account.replaceAll(" ", "")),
    mayHoldAmount(text) ? amounts(text, ascii) : [],
    Array.from(text.matchAll(MEASURE(ascii)), ([, value = "", unit = ""]) =>
      UNITS.has(unit) ? values(value).map((number) => number + unit) : [],
    ).flat(),
  ];
}

/** `1.250` may be a thousand and more, or one and a quarter. */
function values(written: string): string[] {
  const value = written.replace(",", ".");
  return THOUSANDS.test(value) ? [value, value.replace(".", "")] : [value];
}

function versions(text: string, ascii: boolean): string[] {
  return Array.from(text.matchAll(NAMED_VERSION(ascii)), ([, name = "", version = ""]) => [name, version]).flat();
}

function sizes(text: string, ascii: boolean): string[] {
  return Array.from(text.matchAll(SIZE(ascii)), ([, ...sides]) => sides.filter((side) => side !== undefined).join("x"));
}

function mayHoldAmount(text: string): boolean {
  if (hints.currency.test(text)) return true;
  const isCode = (words: string, from: number) => CODES.has(words.trim().slice(from));
  return (
    (text.match(AFTER_NUMBER) ?? []).some((words) => isCode(words, -3)) ||
    (text.match(BEFORE_NUMBER) ?? []).some((words) => isCode(words, 0))
  );
}

function amounts(text: string, ascii: boolean): string[] {
  return Array.from(text.matchAll(AMOUNT(ascii)), ([, before, first, second, after]) => {
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

function checksums(text: string, side: Side, ascii: boolean): string[] {
  return (text.match(CHECKSUM(ascii)) ?? []).flatMap((word) => {
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
