import { detectAll } from "tinyld/light";

/** Guesses that lie so close to the best one count as well. */
const close = 0.15;
const sample = 500;

/** The language that a text is likely in; none where it may be English, for which the analysis is without any guess. */
export function detectLanguages(text: string): string[] {
  const guesses = detectAll(text.slice(0, sample));
  const best = guesses[0]?.accuracy ?? 0;
  const likely = guesses.filter(({ accuracy }) => accuracy >= best * close).map(({ lang }) => lang);
  // A form that few documents have counts much: in an English text one guessed by mistake would come first in every answer.
  return likely.includes("en") ? [] : likely.slice(0, 1);
}
