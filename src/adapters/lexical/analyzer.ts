import { MAX_TERMS } from "../../core/filter.ts";
import type { Analyzer } from "../../core/ports.ts";
import { asciiLetters, createEnglishTerms, foldCase, VERSION, WORD } from "./english.ts";
import { languageMark, toldLanguages } from "./language-mark.ts";
import { isAscii } from "./pattern.ts";
import { isEnglish } from "./stop-words.ts";

/** What tells the language of a document; it is large, and only texts that are not English need it. */
export interface Detector {
  /** The language, by ISO 639-1; undefined for English, and where it cannot be told. */
  readonly detectLanguage: (text: string) => Promise<string | undefined>;
  readonly functionWords: ReadonlyMap<string, ReadonlySet<string>>;
}

type European = typeof import("./european.ts");

const LATIN = /^\p{Script=Latin}{3,40}$/u;
const ALPHABETIC = /^[\p{Script=Latin}\p{Script=Cyrillic}]{3,40}$/u;
/** Languages that have no stemmer here, or so many endings that theirs is not enough: their words meet in their beginnings. */
const inflecting: ReadonlySet<string> = new Set("be bg cs eo et fi hu is la lt lv mk pl sk sr tr uk".split(" "));
/** Letters that an ending takes, in a document at most, in a question at most; and what must be left. */
const longestEnding = { document: 3, question: 2 } as const;
const leastBeginning = 3;
/** Letters that a part of a compound has at least, and that the rest of it has. */
const leastPart = 4;
const leastRest = 3;
const REMEMBERED = 20_000;

/**
 * Lexical analysis of many languages. What a script decides needs no guess (see `createEnglishAnalyzer`). A document in another
 * language with Latin letters than English has each word's stem by that language besides, marked with the language (`de:haus`), and
 * the beginnings and ends of long words where compounds are written as one; one in a language that has no stemmer here has its words
 * without their endings. A question that is English beyond doubt asks for
 * what English makes of it; any other is too short to tell its language, and asks for its stem in all of them besides: what no
 * document has costs nothing. So English finds what it found, in an index of several languages too, and the two sides agree
 * whatever is guessed.
 *
 * @param loadDetector for documents, when the first one that is not English comes; a query needs none.
 */
export function createAnalyzer(loadDetector?: () => Promise<Detector>): Analyzer {
  const base = createEnglishTerms();
  const known = new Map<string, readonly string[]>();
  let detector: Promise<Detector> | undefined;
  let european: Promise<European> | undefined;
  // Half of all that a query would load, and English needs none of it.
  const loadEuropean = (): Promise<European> => (european ??= import("./european.ts"));

  /** Of a question's word: its stem in each language, and itself as a part of a compound. */
  function asked(word: string, { stemmers }: European): readonly string[] {
    let found = known.get(word);
    if (found === undefined) {
      const stems = Object.entries(stemmers).map(([language, stem]) => marked(language, word, stem));
      found = [...stems, `+:${asciiLetters(word)}`];
      if (known.size >= REMEMBERED) known.clear();
      known.set(word, found);
    }
    return found;
  }

  return {
    name: "languages",
    version: VERSION,
    async terms(text) {
      await base.load(text);
      const terms = base.of(text);
      const words = wordsOf(text);
      if (isEnglish(words)) return terms;
      const telling = split(words).filter((word) => ALPHABETIC.test(word) && base.of(word).length > 0);
      const latin = telling.filter((word) => LATIN.test(word));
      const stems = latin.length === 0 ? undefined : await loadEuropean();
      const forms = new Set(stems === undefined ? [] : latin.flatMap((word) => asked(word, stems)));
      for (const word of telling) for (const form of beginningsOf(word, longestEnding.question)) forms.add(form);
      // A question has so many terms at most, and its own words come first.
      return [...terms, ...[...forms].slice(0, Math.max(0, MAX_TERMS - new Set(terms).size))];
    },
    async ownTerms(text) {
      await base.load(text);
      return base.of(text);
    },
    async documentTerms(text) {
      await base.load(text);
      const terms = base.of(text, "document");
      const words = wordsOf(text);
      if (loadDetector === undefined || isEnglish(words)) return terms;
      detector ??= loadDetector();
      const { detectLanguage, functionWords } = await detector;
      const language = await detectLanguage(text);
      if (language === undefined) return terms;
      const stop = functionWords.get(language);
      if (stop !== undefined) {
        const { stemmers, compounding } = await loadEuropean();
        const stem = stemmers[language];
        const telling = split(words).filter((word) => LATIN.test(word) && !stop.has(word));
        if (stem !== undefined) for (const word of telling) terms.push(marked(language, word, stem));
        if (compounding.has(language)) for (const word of telling) terms.push(...partsOf(word));
      }
      if (inflecting.has(language)) {
        const telling = split(words).filter((word) => ALPHABETIC.test(word));
        terms.push(...telling.flatMap((word) => beginningsOf(word, longestEnding.document)));
      }
      if (toldLanguages.includes(language)) terms.push(languageMark(language));
      return terms;
    },
  };
}

function wordsOf(text: string): string[] {
  const folded = foldCase(text);
  return folded.match(WORD(isAscii(folded))) ?? [];
}

/** An article or a preposition that an apostrophe joins to a word (`l'eau`, `dell'acqua`) is apart from it. */
function split(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(/['’]/));
}

/** A word without its last letters, as far as they may be an ending. */
function beginningsOf(word: string, longest: number): string[] {
  const letters = asciiLetters(word);
  const cuts = Array.from({ length: longest + 1 }, (_, cut) => letters.length - cut);
  return cuts.filter((length) => length >= leastBeginning).map((length) => `^:${letters.slice(0, length)}`);
}

function marked(language: string, word: string, stem: (word: string) => string): string {
  return `${language}:${asciiLetters(stem(word) || word)}`;
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
