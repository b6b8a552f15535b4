import { functionWords } from "./function-words.ts";
import { englishShare, STOP_WORDS } from "./stop-words.ts";

/** What of a text is looked at, characters: enough to tell, and a long text costs no more. */
const sample = 1_000;
/** Prose has so many function words of its own language at least. */
const leastShare = 0.1;
/** A short text may have no function word; then so many words count, and letters that English does not have. */
const fewestWords = 4;
/** The detector's word for a text with pieces that only one language has. */
const certain = 0.9;
const foreignShare = 0.02;
/** Code and tables have so many brackets and signs, prose has a fifth of that. */
const codeShare = 0.05;
/** Told languages that are written in Latin letters. */
const inLatin: ReadonlySet<string> = new Set(
  "cs da de eo es et fi fr ga hu id is it la lt lv nl no pl pt ro sk sv tk tl tr vi".split(" "),
);
const WORD = /[\p{L}\p{N}]+/gu;
/** The letters of a checksum or a part number are no words. */
const DIGIT = /\p{N}/u;
const NOT_ASCII = /[^\0-\x7f]/;
const JAPANESE_SHARE = 0.05;

/** Scripts that one language writes in, among those that are told apart. */
const byScript: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Hangul}+/gu, "ko"],
  [/\p{Script=Thai}+/gu, "th"],
  [/\p{Script=Greek}+/gu, "el"],
  [/\p{Script=Tamil}+/gu, "ta"],
  [/\p{Script=Armenian}+/gu, "hy"],
];
/** Scripts of several languages, with the one that is taken where the detector cannot tell. */
const shared: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\p{Script=Cyrillic}+/gu, ["ru", "uk", "be", "bg", "sr", "mk", "kk", "tt", "mn"]],
  [/\p{Script=Arabic}+/gu, ["ar", "fa", "ur"]],
  [/\p{Script=Hebrew}+/gu, ["he", "yi"]],
  [/\p{Script=Devanagari}+/gu, ["hi"]],
];

/**
 * The language that a text is likely in, by ISO 639-1; undefined for English, and where it cannot be told. A guess in Latin letters
 * counts only where the text has the function words of that language, and more of them than English ones, or where it has no English
 * one and letters that English does not have: a list of names, a table or a formula is in no language, and an English text
 * taken for another would come first in every answer.
 */
export async function detectLanguage(text: string): Promise<string | undefined> {
  const part = text.slice(0, sample);
  const letters = count(part, /\p{L}+/gu);
  if (letters === 0) return undefined;
  const isMost = (script: RegExp): boolean => count(part, script) * 2 > letters;
  if (isMost(/\p{Script=Latin}+/gu)) return latinLanguage(part);
  if (isMost(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu)) {
    const kana = count(part, /[\p{Script=Hiragana}\p{Script=Katakana}]+/gu);
    return kana >= JAPANESE_SHARE * letters ? "ja" : "zh";
  }
  const alone = byScript.find(([script]) => isMost(script));
  if (alone !== undefined) return alone[1];
  const among = shared.find(([script]) => isMost(script))?.[1];
  const guessed = (await guess(part))[0]?.lang;
  if (among === undefined) return guessed === "en" ? undefined : guessed;
  return among.find((language) => language === guessed) ?? among[0];
}

type Guesses = ReturnType<typeof import("tinyld").detectAll>;
let detectAll: typeof import("tinyld").detectAll | undefined;

/** Its tables take a tenth of a second to load, and a folder of English texts never asks it. */
async function guess(text: string): Promise<Guesses> {
  detectAll ??= (await import("tinyld")).detectAll;
  return detectAll(text);
}

async function latinLanguage(text: string): Promise<string | undefined> {
  const words = (text.normalize("NFC").toLowerCase().match(WORD) ?? []).filter((word) => !DIGIT.test(word));
  const shareOf = (list: ReadonlySet<string>): number =>
    words.filter((word) => list.has(word)).length / Math.max(1, words.length);
  const english = englishShare(words);
  if (count(text, /[{}[\]()<>=;|$_#*/\\]+/g) >= codeShare * text.length) return undefined;
  // Beside all that English has, for its `in` and `is` and `a` are Dutch, Italian and Portuguese too.
  const orEnglish = shareOf(STOP_WORDS);
  const speaks = (language: string): boolean => {
    const own = shareOf(functionWords.get(language) ?? new Set());
    return own > orEnglish && own >= leastShare;
  };
  // Most texts are English. Where no other language could be told below, its detector need not be asked, which takes four times as long.
  const few = words.length < fewestWords;
  const mayBeEnglish = english > 0 || few || (orEnglish >= leastShare && !NOT_ASCII.test(text));
  if (mayBeEnglish && ![...inLatin].some(speaks)) return undefined;
  const likely = (await guess(text)).find(({ lang }) => lang === "en" || inLatin.has(lang));
  if (likely === undefined || likely.lang === "en") return undefined;
  const { lang: language, accuracy } = likely;
  if (speaks(language)) return language;
  const foreign = count(text, /[^\p{ASCII}\P{L}]+/gu) / Math.max(1, count(text, /\p{L}+/gu));
  const isTold = accuracy >= certain || foreign >= foreignShare;
  return english === 0 && !few && isTold ? language : undefined;
}

/** Characters in runs that the pattern finds. */
function count(text: string, runs: RegExp): number {
  let sum = 0;
  for (const run of text.match(runs) ?? []) sum += run.length;
  return sum;
}
