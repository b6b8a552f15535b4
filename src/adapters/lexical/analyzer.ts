import { MAX_TERMS } from "../../core/filter.ts";
import type { Analyzer } from "../../core/ports.ts";
import { asciiLetters, createEnglishAnalyzer, foldCase, WORD } from "./english.ts";
import { compounding, stemmers } from "./european.ts";
import { languageMark, toldLanguages } from "./language-mark.ts";
import { isEnglish } from "./stop-words.ts";

/** What tells the language of a document; it is large, and only texts that are not English need it. */
export interface Detector {
  /** The language, by ISO 639-1; undefined for English, and where it cannot be told. */
  readonly detectLanguage: (text: string) => string | undefined;
  readonly functionWords: ReadonlyMap<string, ReadonlySet<string>>;
}

const LATIN = /^\p{Script=Latin}{3,40}$/u;
const languages = Object.keys(stemmers);
/** Letters that a part of a compound has at least, and that the rest of it has. */
const leastPart = 4;
const leastRest = 3;
const REMEMBERED = 20_000;

/**
 * Lexical analysis of many languages. What a script decides needs no guess (see `createEnglishAnalyzer`). A document in another
 * language with Latin letters than English has each word's stem by that language besides, marked with the language (`de:haus`), and
 * the beginnings and ends of long words where compounds are written as one. A question that is English beyond doubt asks for
 * what English makes of it; any other is too short to tell its language, and asks for its stem in all of them besides: what no
 * document has costs nothing. So English finds what it found, in an index of several languages too, and the two sides agree
 * whatever is guessed.
 *
 * @param loadDetector for documents, when the first one that is not English comes; a query needs none.
 */
export function createAnalyzer(loadDetector?: () => Promise<Detector>): Analyzer {
  const base = createEnglishAnalyzer();
  const known = new Map<string, readonly string[]>();
  let detector: Promise<Detector> | undefined;

  /** Of a question's word: its stem in each language, and itself as a part of a compound. */
  function asked(word: string): readonly string[] {
    let found = known.get(word);
    if (found === undefined) {
      found = [...languages.map((language) => marked(language, word)), `+:${asciiLetters(word)}`];
      if (known.size >= REMEMBERED) known.clear();
      known.set(word, found);
    }
    return found;
  }

  return {
    name: "languages",
    version: base.version,
    terms(text) {
      const terms = base.terms(text);
      const words = wordsOf(text);
      if (isEnglish(words)) return terms;
      const telling = latin(words).filter((word) => base.terms(word).length > 0);
      const forms = new Set(telling.flatMap(asked));
      // A question has so many terms at most, and its own words come first.
      return [...terms, ...[...forms].slice(0, Math.max(0, MAX_TERMS - new Set(terms).size))];
    },
    async documentTerms(text) {
      const terms = base.terms(text);
      const words = wordsOf(text);
      if (loadDetector === undefined || isEnglish(words)) return terms;
      detector ??= loadDetector();
      const { detectLanguage, functionWords } = await detector;
      const language = detectLanguage(text);
      if (language === undefined) return terms;
      const stop = functionWords.get(language);
      if (stop !== undefined && languages.includes(language)) {
        const telling = latin(words).filter((word) => !stop.has(word));
        for (const word of telling) terms.push(marked(language, word));
        if (compounding.has(language)) for (const word of telling) terms.push(...partsOf(word));
      }
      if (toldLanguages.includes(language)) terms.push(languageMark(language));
      return terms;
    },
  };
}

function wordsOf(text: string): string[] {
  return foldCase(text).match(WORD) ?? [];
}

/** Words that Latin stemmers take; an article or a preposition that an apostrophe joins to one (`l'eau`, `dell'acqua`) is apart. */
function latin(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(/['’]/)).filter((word) => LATIN.test(word));
}

function marked(language: string, word: string): string {
  return `${language}:${asciiLetters(stemmers[language]?.(word) || word)}`;
}

/** The beginnings and the ends that may be words themselves. */
function partsOf(word: string): string[] {
  const letters = asciiLetters(word);
  const parts: string[] = [`+:${letters}`];
  for (let length = leastPart; length <= letters.length - leastRest; length++) {
    parts.push(`+:${letters.slice(0, length)}`, `+:${letters.slice(-length)}`);
  }
  return parts;
}
