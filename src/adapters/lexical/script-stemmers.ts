import { stemmer as stemEnglish } from "stemmer";

type Stem = (word: string) => string;

interface Script {
  /** A word of it, in lower case. */
  readonly word: RegExp;
  /** Finds a letter of it in a text. */
  readonly letter: RegExp;
  readonly load: () => Promise<{ readonly stemmer: Stem }>;
  stem?: Stem;
}

/** Scripts of which one language's stemmer serves, whoever writes in them. Each is large, and loaded with the first text that needs it. */
const scripts: readonly Script[] = [
  {
    word: /^\p{Script=Cyrillic}{3,}$/u,
    letter: /\p{Script=Cyrillic}/u,
    load: () => import("@orama/stemmers/russian"),
  },
  { word: /^\p{Script=Arabic}{3,}$/u, letter: /\p{Script=Arabic}/u, load: () => import("@orama/stemmers/arabic") },
  { word: /^\p{Script=Greek}{3,}$/u, letter: /\p{Script=Greek}/u, load: () => import("@orama/stemmers/greek") },
  {
    word: /^[\p{Script=Devanagari}\p{M}]{3,}$/u,
    letter: /\p{Script=Devanagari}/u,
    load: () => import("@orama/stemmers/indian"),
  },
  { word: /^[\p{Script=Tamil}\p{M}]{3,}$/u, letter: /\p{Script=Tamil}/u, load: () => import("@orama/stemmers/tamil") },
  {
    word: /^\p{Script=Armenian}{3,}$/u,
    letter: /\p{Script=Armenian}/u,
    load: () => import("@orama/stemmers/armenian"),
  },
];
const ENGLISH = /^[a-z]{3,}$/;

/** Loads the stemmers of the scripts that a text is written in, once for all texts. `stemByScript` needs it. */
export async function loadScripts(text: string): Promise<void> {
  const wanted = scripts.filter((script) => script.stem === undefined && script.letter.test(text));
  await Promise.all(
    wanted.map(async (script) => {
      script.stem = (await script.load()).stemmer;
    }),
  );
}

/**
 * The stem of a word by the language that its script stands for.
 * @param word in lower case, of a text that `loadScripts` was given.
 */
export function stemByScript(word: string): string {
  if (ENGLISH.test(word)) return stemEnglish(word);
  const script = scripts.find((candidate) => candidate.word.test(word));
  if (script === undefined) return word;
  if (script.stem === undefined) throw new Error(`No stemmer is loaded for ${script.letter.source}.`);
  return script.stem(word) || word;
}
