import { detectAll } from "tinyld";
import { functionWords } from "./function-words.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** What of a text is looked at, characters: enough to tell, and a long text costs no more. */
const sample = 1_000;
/** Prose has so many function words of its own language at least. */
const leastShare = 0.1;
/** A language whose function words are not known is only told by so many words, and by letters that English does not have. */
const fewestWords = 8;
const foreignShare = 0.02;
const JAPANESE_SHARE = 0.05;

/** Scripts that one language writes in, among those that are told apart. */
const byScript: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Hangul}/gu, "ko"],
  [/\p{Script=Thai}/gu, "th"],
  [/\p{Script=Greek}/gu, "el"],
  [/\p{Script=Tamil}/gu, "ta"],
  [/\p{Script=Armenian}/gu, "hy"],
];
/** Scripts of several languages, with the one that is taken where the detector cannot tell. */
const shared: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\p{Script=Cyrillic}/gu, ["ru", "uk", "be", "bg", "sr", "mk", "kk", "tt", "mn"]],
  [/\p{Script=Arabic}/gu, ["ar", "fa", "ur"]],
  [/\p{Script=Hebrew}/gu, ["he", "yi"]],
  [/\p{Script=Devanagari}/gu, ["hi"]],
];

/**
 * The language that a text is likely in, by ISO 639-1; undefined for English, and where it cannot be told. A guess in Latin letters
 * counts only where the text has the function words of that language, and more of them than English ones: a list of
 * names, a table or a formula is in no language, and an English text taken for another would come first in every answer.
 */
export function detectLanguage(text: string): string | undefined {
  const part = text.slice(0, sample);
  const letters = count(part, /\p{L}/gu);
  if (letters === 0) return undefined;
  const isMost = (script: RegExp): boolean => count(part, script) * 2 > letters;
  if (isMost(/\p{Script=Latin}/gu)) return latinLanguage(part);
  if (isMost(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)) {
    const kana = count(part, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
    return kana >= JAPANESE_SHARE * letters ? "ja" : "zh";
  }
  const alone = byScript.find(([script]) => isMost(script));
  if (alone !== undefined) return alone[1];
  const among = shared.find(([script]) => isMost(script))?.[1];
  const guessed = detectAll(part)[0]?.lang;
  if (among === undefined) return guessed === "en" ? undefined : guessed;
  return among.find((language) => language === guessed) ?? among[0];
}

function latinLanguage(text: string): string | undefined {
  const words =
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  const shareOf = (list: ReadonlySet<string>): number =>
    words.filter((word) => list.has(word)).length / Math.max(1, words.length);
  const english = shareOf(STOP_WORDS);
  const guesses = detectAll(text).map(({ lang }) => lang);
  const [likeliest] = guesses;
  if (likeliest === undefined || likeliest === "en") return undefined;
  if (!functionWords.has(likeliest) && english === 0 && words.length >= fewestWords) {
    return count(text, /[^\p{ASCII}\P{L}]/gu) >= foreignShare * count(text, /\p{L}/gu) ? likeliest : undefined;
  }
  const known = guesses.find((language) => language === "en" || functionWords.has(language));
  const own = known === undefined ? undefined : functionWords.get(known);
  if (own === undefined) return undefined;
  const share = shareOf(own);
  return share > english && share >= leastShare ? known : undefined;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
