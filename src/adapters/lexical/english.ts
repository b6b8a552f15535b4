import { stemmer } from "stemmer";
import type { Analyzer } from "../../core/ports.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** Longer words are cut here, in a document as in a query: a megabyte without a space is not a word. */
const LONGEST_TERM = 64;
/** Stems kept; the map starts afresh when it is full. */
const REMEMBERED = 50_000;

/**
 * Letters, digits and their marks, and what joins them to one identifier, version, address or contraction:
 * `ISTHMUS_DATA_DIR`, `node:sqlite`, `1.39.0`, `don't`.
 */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[_.:'’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
const JOINT = /[_.:]/;
const JOINTS = /[_.:]/g;
const APOSTROPHE = /['’]/;
const ASCII = /^[\0-\x7f]*$/;
const STEMMABLE = /^[a-z]{3,}$/;
const NUMBER = /^[\d.]+$/;
/** Scripts that put no spaces between words (the long-vowel mark belongs to two of them, and to Unicode's "common"). */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u;
const RUNS = new RegExp(`${UNSPACED.source}+|(?:(?!${UNSPACED.source})[\\s\\S])+`, "gu");
const GROUPED_DIGITS = /(?<=\d),(?=\d{3}(?!\d))/g;
/** Combining accents of Latin, Greek and Cyrillic; the vowel signs of other scripts stay. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * Lexical analysis for English that does no harm to other languages: compatibility forms, case and accents folded,
 * English stop words dropped, Porter stems. An identifier gives its parts and itself; scripts without spaces give
 * their characters and pairs of characters. No term holds white space.
 */
export function createEnglishAnalyzer(): Analyzer {
  const stems = new Map<string, string>();

  function stem(word: string): string {
    if (!STEMMABLE.test(word)) return word;
    let found = stems.get(word);
    if (found === undefined) {
      found = stemmer(word);
      if (stems.size >= REMEMBERED) stems.clear();
      stems.set(word, found);
    }
    return found;
  }

  function addWord(word: string, terms: string[]): void {
    if (word === "" || STOP_WORDS.has(word)) return;
    if (!ASCII.test(word) && UNSPACED.test(word)) {
      for (const run of word.match(RUNS) ?? []) {
        if (UNSPACED.test(run)) addCharacters(run, terms);
        else terms.push(stem(shorten(run)));
      }
      return;
    }
    terms.push(stem(shorten(word)));
  }

  return {
    name: "english",
    version: 1,
    terms(text) {
      const terms: string[] = [];
      for (const match of fold(text).match(WORD) ?? []) {
        const word = APOSTROPHE.test(match) ? withoutContraction(match) : match;
        if (!JOINT.test(word)) {
          addWord(word, terms);
          continue;
        }
        terms.push(shorten(word));
        // The parts of a number mean nothing by themselves.
        if (!NUMBER.test(word)) for (const part of word.split(JOINTS)) addWord(part, terms);
      }
      return terms;
    },
  };
}

function fold(text: string): string {
  const lower = ASCII.test(text)
    ? text.toLowerCase()
    : text.normalize("NFKC").toLowerCase().normalize("NFD").replace(ACCENTS, "").normalize("NFC");
  return lower.replace(GROUPED_DIGITS, "");
}

/** "wing's" is about a wing; of "don't" and "we'll" the stop words see the rest. */
function withoutContraction(word: string): string {
  return word.replace(/n['’]t(?![\p{L}\p{N}])/gu, "").replace(/['’](?:s|ll|re|ve|d|m)?(?![\p{L}\p{N}])|['’]/gu, "");
}

function addCharacters(run: string, terms: string[]): void {
  const characters = Array.from(run);
  characters.forEach((character, index) => {
    terms.push(character);
    const next = characters[index + 1];
    if (next !== undefined) terms.push(character + next);
  });
}

function shorten(term: string): string {
  return term.length <= LONGEST_TERM ? term : term.slice(0, LONGEST_TERM).toWellFormed();
}
