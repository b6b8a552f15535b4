import { capitals } from "./capitals.ts";
import { numbers, type Side } from "./numbers.ts";
import { found, isAscii, kind, pattern } from "./pattern.ts";

/** What is looked for in a text in lower case. */
export const kinds = {
  /** Pieces of letters and digits with one sign between: `SD-1066-N`, `max_depth`, `4.7.2-rc1`, `D95/106`, `R&D`; an address of the web. */
  joined: kind(
    /[a-z\d\x80-\uffff][-_.:/&+@?=%~\u2010\u2011][a-z\d/\x80-\uffff]/,
    String.raw`(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:(?::\/\/|[\-\u2010\u2011_.:\/&+@?=%~])[\p{L}\p{N}]+)+`,
  ),
  /** Names that end in a sign, or begin with a point: `C++`, `F#`, `.NET`, `.gitignore`. */
  signed: kind(
    /\+\+|#|(?:^|[^a-z\d./\\)])\.[a-z\x80-\uffff]/,
    String.raw`(?<![\p{L}\p{N}])[\p{L}]{1,2}(?:\+\+|#)(?![\p{L}\p{N}])|(?<![\p{L}\p{N}.\/\\)])\.[\p{L}][\p{L}\p{N}]+`,
  ),
  /** `J. R. Q.`; without spaces they are one word already. */
  initials: kind(
    /[a-z\x80-\uffff]\. [a-z\x80-\uffff]\./,
    String.raw`(?<![\p{L}\p{N}])(?:[\p{L}]\. ){1,3}[\p{L}]\.(?![\p{L}\p{N}])`,
  ),
  /** What a particle is joined to: `O'Shaughnessy`, `d'Artagnan`. */
  particle: kind(/['’][a-z\x80-\uffff]{3}/, String.raw`(?<=(?<![\p{L}\p{N}])[\p{L}]{1,2}['’])[\p{L}]{3,}`),
};
const SIGN = /[-\u2010\u2011_:/&+@?=%~]|(?<!\d)\.|\.(?!\d)/gu;
const SCHEME = pattern(String.raw`^[\p{L}]+:\/\/`);
/** Signs that join words of prose and names of files too; with them a form needs a digit. */
const LOOSE = /[/:@?=]/;
/** It joins words of prose, which a document has often; a question that asks for `load-tenant-ledger` means `loadTenantLedger` too. */
const HYPHEN = /[-\u2010\u2011]/;
const DIGIT = /\d/;
const LEAST_FORM = 2;
const LONGEST_FORM = 64;
const IS_DIGIT = /^\d$/;
/** A port, a mask or a label is not a part of the address or version beside it. */
const APART = /[/:@+]/;
const DOTTED = /\d\.\d/;
const VERSION_SIGN = pattern(String.raw`(?<![\p{L}\p{N}])v(?=\d)`);
const HUMP = pattern(String.raw`(?<=[\p{Ll}\p{N}])(?=[\p{Lu}])|(?<=[\p{Lu}])(?=[\p{Lu}][\p{Ll}])`);
const HUMPED = pattern(String.raw`[\p{Ll}][\p{Lu}]`);
/** How German, Danish, Norwegian and Swedish names are typed where a keyboard lacks the letter. */
const TYPED: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ø: "oe", å: "aa" };
const UMLAUT = /[äöüøå]/;
const UMLAUTS = /[äöüøå]/g;
/** Letters and digits alone; a longer run of them is no word. */
const RUN = pattern(String.raw`[\p{L}\p{N}]+`);

/**
 * Words that a text gives besides its own, in lower case: what people write in several ways and mean as one (part numbers, symbols of
 * programs, versions, checksums, telephone numbers, dates, amounts). Each form gives a term that all its ways of writing share, so the
 * terms are compared and never parsed back.
 * @param text as it was written, for its capitals.
 * @param folded the same in lower case and compatibility forms, with ASCII digits.
 */
export function formsOf(text: string, folded: string, side: Side): string[] {
  const plain = folded.replaceAll("\u2212", "-");
  const ascii = isAscii(text);
  const forms = [
    has(text, HUMPED(ascii)) ? humps(text, ascii) : [],
    capitals(text, ascii),
    found(plain, kinds.particle, ascii),
    found(plain, kinds.joined, ascii).flatMap((word) => joined(word, side, ascii)),
    found(plain, kinds.signed, ascii),
    found(plain, kinds.initials, ascii).map((run) => run.replace(/[. ]/g, "")),
    ascii ? [] : typed(plain),
    ...(DIGIT.test(plain) ? numbers(plain, side, ascii) : []),
  ];
  return forms
    .flat()
    .filter((form) => (form.length >= LEAST_FORM || IS_DIGIT.test(form)) && form.length <= LONGEST_FORM);
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
