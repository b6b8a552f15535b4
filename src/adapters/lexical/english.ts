import { MAX_TERMS } from "../../core/filter.ts";
import type { Analyzer } from "../../core/ports.ts";
import { formsOf } from "./forms.ts";
import type { Side } from "./numbers.ts";
import { isAscii, pattern } from "./pattern.ts";
import { loadScripts, stemByScript } from "./script-stemmers.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** Of the terms of a text; whatever changes them raises it, so that indexes follow. */
export const VERSION = 7;
/** Longer words are cut here, in a document as in a query: a megabyte without a space is not a word. */
const LONGEST_TERM = 64;
/** Stems kept; the map starts afresh when it is full. */
const REMEMBERED = 50_000;

/**
 * Letters, digits and their marks, and what joins them to one identifier, version, address or contraction:
 * `ISTHMUS_DATA_DIR`, `node:sqlite`, `1.39.0`, `don't`.
 */
export const WORD = pattern(String.raw`[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[_.:'’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*`);
const JOINT = /[_.:]/;
const JOINTS = /[_.:]/g;
/** Persian and Urdu forms of letters, as Arabic keyboards write them. */
const ARABIC: Readonly<Record<string, string>> = { ی: "ي", ک: "ك", ہ: "ه" };
const PLAIN: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};
/** Digits of other scripts, by their zeros: Arabic, Persian, of Indian scripts, Thai, Lao, Burmese, Khmer. */
const FOREIGN_DIGIT = /(?![0-9])\p{Nd}/gu;
const ZEROS = [
  0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1040, 0x17e0,
];
const NOT = pattern(String.raw`n['’]t(?![\p{L}\p{N}])`);
const CONTRACTED = pattern(String.raw`['’](?:s|ll|re|ve|d|m)?(?![\p{L}\p{N}])|['’]`);
const APOSTROPHE = /['’]/;
/** An emoji, whatever joins it to others, without the colour of its skin; a flag is two letters of its own kind. */
const PICTURE = /\p{Regional_Indicator}{2}|(?![\u{1f3fb}-\u{1f3ff}])\p{Extended_Pictographic}/gu;
const NUMBER = /^[\d.]+$/;
/**
 * Scripts that put no spaces between words (the long-vowel mark belongs to two of them, and to Unicode's "common"), and Korean,
 * where what other languages write as words of their own is joined to the word before it.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Hangul}ー]/u;
const RUNS = new RegExp(`${UNSPACED.source}+|(?:(?!${UNSPACED.source})[\\s\\S])+`, "gu");
const HANGUL = /\p{Script=Hangul}/u;
const HEBREW = /^\p{Script=Hebrew}{3,}$/u;
const HEBREW_PREFIXES = "והבכלמש";
const JOINER = "\u200c";
const JOINED = /[\p{Script=Arabic}\p{M}]+(?:\u200c[\p{Script=Arabic}\p{M}]+)+/gu;
const GROUPED_DIGITS = /(?<=\d),(?=\d{3}(?!\d))/g;
/**
 * Combining accents of Latin, Greek and Cyrillic (й is a letter of its own), points and vowel marks of Hebrew and Arabic, and the
 * bar that only stretches Arabic; the vowel signs of other scripts stay.
 */
const MARKS =
  /(?<!и)\u0306|[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]/g;
/**
 * What cannot be seen: soft hyphens, zero-width spaces and joiners, marks of direction, byte order marks; and what chooses how
 * the sign before it is drawn (in colour, as a key).
 */
const INVISIBLE =
  /[\0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\p{Variation_Selector}|\u20e3/gu;

/** The terms of a text at once, after what its scripts need was loaded. */
export interface EnglishTerms {
  /** Loads what the scripts of a text need. */
  load(text: string): Promise<void>;
  /**
   * @param text that `load` was given, alone or as a part of another.
   * @param side a document gives what a question may shorten; a question keeps within what a store takes. A question if absent.
   */
  of(text: string, side?: Side): string[];
}

/**
 * Lexical analysis for English that does no harm to other languages: compatibility forms, case and accents folded,
 * English stop words dropped, Porter stems. An identifier gives its parts and itself; scripts without spaces give
 * their characters and pairs of characters; a picture (emoji) is a word. No term holds white space.
 */
export function createEnglishAnalyzer(): Analyzer {
  const terms = createEnglishTerms();
  return {
    name: "english",
    version: VERSION,
    async terms(text) {
      await terms.load(text);
      return terms.of(text);
    },
  };
}

export function createEnglishTerms(): EnglishTerms {
  const stems = new Map<string, string>();

  function stem(word: string): string {
    let found = stems.get(word);
    if (found === undefined) {
      found = stemByScript(word);
      if (stems.size >= REMEMBERED) stems.clear();
      stems.set(word, found);
    }
    return found;
  }

  /** @param written in lower case, with its accents: French `thé` and Czech `moře` are no English stop words. */
  function addWord(written: string, terms: string[]): void {
    if (written === "" || STOP_WORDS.has(written)) return;
    if (isAscii(written)) {
      terms.push(stem(shorten(written)));
      return;
    }
    const word = asciiLetters(written);
    if (word === "") return;
    if (HEBREW.test(word)) {
      terms.push(...hebrewForms(word));
      return;
    }
    if (!isAscii(word) && UNSPACED.test(word)) {
      for (const run of word.match(RUNS) ?? []) {
        if (UNSPACED.test(run)) addCharacters(run, terms);
        else terms.push(stem(shorten(run)));
      }
      return;
    }
    terms.push(stem(shorten(word)));
  }

  /** Each form once, and none that the text gave as a word. A question's own words come before them. */
  function withForms(terms: string[], forms: readonly string[], side: Side): string[] {
    const known = new Set(terms);
    for (const form of forms) {
      if (side === "question" && known.size >= MAX_TERMS) break;
      if (STOP_WORDS.has(form)) continue;
      const term = stem(shorten(asciiLetters(form)));
      if (term === "" || known.has(term)) continue;
      known.add(term);
      terms.push(term);
    }
    return terms;
  }

  return {
    // Forms that compatibility makes of a text are of no other script than its own letters.
    load: (text) => (isAscii(text) ? Promise.resolve() : loadScripts(foldCase(text))),
    of(text, side = "question") {
      const terms: string[] = [];
      for (const part of joinedParts(text)) addWord(part, terms);
      const folded = foldDigits(foldCase(text));
      for (const match of folded.match(WORD(isAscii(folded))) ?? []) {
        const word = APOSTROPHE.test(match) ? withoutContraction(match) : match;
        if (!JOINT.test(word)) {
          addWord(word, terms);
          continue;
        }
        terms.push(shorten(asciiLetters(word)));
        // The parts of a number mean nothing by themselves.
        if (!NUMBER.test(word)) for (const part of word.split(JOINTS)) addWord(part, terms);
      }
      if (!isAscii(folded)) for (const [picture] of folded.matchAll(PICTURE)) terms.push(picture);
      return withForms(terms, formsOf(text, folded, side), side);
    },
  };
}

function foldDigits(text: string): string {
  return (isAscii(text) ? text : text.replace(FOREIGN_DIGIT, asciiDigit)).replace(GROUPED_DIGITS, "");
}

/** Invisible characters, compatibility forms and case folded; accents stay, for they tell words and languages apart. */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return (
    text
      .replace(INVISIBLE, "")
      .normalize("NFKC")
      .toLowerCase()
      // The Turkish capital with a dot.
      .replace(/i\u0307/g, "i")
      .replace(/[یکہ]/g, (letter) => ARABIC[letter] ?? letter)
  );
}

/** Letters without accents and marks, and those that Unicode does not take apart as people type them without: `straße`, `smørrebrød`. */
export function asciiLetters(text: string): string {
  if (isAscii(text)) return text;
  const plain = text.normalize("NFD").replace(MARKS, "").normalize("NFC");
  return plain.replace(/[ßæœøłđðþı]/g, (letter) => PLAIN[letter] ?? letter);
}

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = ZEROS.find((start) => code >= start && code < start + 10);
  return zero === undefined ? digit : String(code - zero);
}

/** Persian joins an ending to its word by a character that has no width (`کتاب‌ها`), where others write both together or apart. */
function joinedParts(text: string): string[] {
  if (!text.includes(JOINER)) return [];
  return (text.match(JOINED) ?? [])
    .flatMap((word) => foldCase(word.replaceAll(JOINER, " ")).split(" "))
    .filter(({ length }) => length > 2);
}

/**
 * A Hebrew word, and what is left of it without articles, prepositions and conjunctions, which are written as its first letters, and
 * without the ending of the plural. No dictionary says whether they are; so a question gives the same forms.
 */
function hebrewForms(word: string): string[] {
  const starts = [0, 1, 2].filter(
    (count) =>
      word.length - count >= 2 && Array.from(word.slice(0, count)).every((letter) => HEBREW_PREFIXES.includes(letter)),
  );
  const forms = starts.map((count) => word.slice(count));
  const singular = forms.filter((form) => form.length >= 5).map((form) => form.replace(/(?:ים|ות)$/, ""));
  return [...new Set([...forms, ...singular])].map(shorten);
}

/** "wing's" is about a wing; of "don't" and "we'll" the stop words see the rest. */
function withoutContraction(word: string): string {
  const ascii = isAscii(word);
  return word.replace(NOT(ascii), "").replace(CONTRACTED(ascii), "");
}

function addCharacters(run: string, terms: string[]): void {
  const characters = Array.from(run);
  if (HANGUL.test(run) && characters.length > 2) terms.push(shorten(run));
  characters.forEach((character, index) => {
    terms.push(character);
    const next = characters[index + 1];
    if (next !== undefined) terms.push(character + next);
  });
}

function shorten(term: string): string {
  return term.length <= LONGEST_TERM ? term : term.slice(0, LONGEST_TERM).toWellFormed();
}
