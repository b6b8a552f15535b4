import { MAX_TERMS } from "../../core/filter.ts";
import type { Analyzer } from "../../core/ports.ts";
import { createEnglishAnalyzer, WORD } from "./english.ts";
import { compounding, stemmers } from "./european.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** The languages that a text may be in, likeliest first, by ISO 639-1; empty where that cannot be told. */
export type Detect = (text: string) => readonly string[];

const LATIN = /^\p{Script=Latin}{3,40}$/u;
const INVISIBLE = /[\u00ad\u200b-\u200d\ufeff]/g;
const languages = Object.keys(stemmers);
/** Letters that a part of a compound has at least, and that the rest of it has. */
const leastPart = 4;
const leastRest = 3;
const REMEMBERED = 20_000;
/** English prose has some 40 % of such words, other languages share 10 % with it. */
const englishShare = 0.2;

/**
 * Lexical analysis of many languages. What a script decides needs no guess (see `createEnglishAnalyzer`). A document in a European
 * language other than English has each word's stem by that language besides, marked with the language (`de:haus`), and the
 * beginnings and ends of long words where compounds are written as one. A question is too short to tell its language: it asks for its
 * stem in all of them, and what no document has costs nothing. So English finds what it found, and the two sides agree whatever
 * is guessed.
 *
 * @param detect of documents; without it a document has the stems of no other language (a query needs none).
 */
export function createAnalyzer(detect?: Detect): Analyzer {
  const base = createEnglishAnalyzer();
  const known = new Map<string, readonly string[]>();

  /** Of a question's word: its stem in each language, and itself as a part of a compound. */
  function asked(word: string): readonly string[] {
    let found = known.get(word);
    if (found === undefined) {
      found = [...languages.map((language) => marked(language, word)), `+:${plain(word)}`];
      if (known.size >= REMEMBERED) known.clear();
      known.set(word, found);
    }
    return found;
  }

  return {
    name: "languages",
    version: base.version,
    terms(text) {
      const own = base.terms(text);
      const words = new Set(wordsOf(text).filter((word) => base.terms(word).length > 0));
      // A question of many words has room for fewer forms: what it asked for itself comes first, and is never left out.
      const room = Math.max(0, MAX_TERMS - new Set(own).size);
      return [...own, ...[...new Set([...words].flatMap(asked))].slice(0, room)];
    },
    documentTerms(text) {
      const terms = base.terms(text);
      const words = wordsOf(text);
      // A form that few documents have counts much: an English text taken for another would come first in every answer.
      if (words.filter((word) => STOP_WORDS.has(word)).length >= englishShare * words.length) return terms;
      const found = (detect?.(text) ?? []).filter((language) => Object.hasOwn(stemmers, language));
      if (found.length === 0) return terms;
      for (const language of found) for (const word of words) terms.push(marked(language, word));
      if (found.some((language) => compounding.has(language))) terms.push(...words.flatMap(partsOf));
      return terms;
    },
  };
}

function wordsOf(text: string): string[] {
  const folded = text.replace(INVISIBLE, "").normalize("NFKC").toLowerCase();
  return (folded.match(WORD) ?? []).filter((word) => LATIN.test(word));
}

function marked(language: string, word: string): string {
  return `${language}:${plain(stemmers[language]?.(word) || word)}`;
}

/** The beginnings and the ends that may be words themselves. */
function partsOf(word: string): string[] {
  const letters = plain(word);
  const parts: string[] = [`+:${letters}`];
  for (let length = leastPart; length <= letters.length - leastRest; length++) {
    parts.push(`+:${letters.slice(0, length)}`, `+:${letters.slice(-length)}`);
  }
  return parts;
}

function plain(word: string): string {
  return word.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}
