import type { Run } from "./pdf-runs.ts";

// Accents that stand alone, as older TeX fonts and some typesetters draw them over, under or before a letter.
const marks: Readonly<Record<string, string>> = {
  "\u0060": "\u0300",
  "\u00b4": "\u0301",
  "\u02c6": "\u0302",
  "\u02dc": "\u0303",
  "\u00af": "\u0304",
  "\u02d8": "\u0306",
  "\u02d9": "\u0307",
  "\u00a8": "\u0308",
  "\u02da": "\u030a",
  "\u02dd": "\u030b",
  "\u02c7": "\u030c",
  "\u00b8": "\u0327",
  "\u02db": "\u0328",
};
const lastLetter = /\p{L}\p{M}*$/u;
const firstLetter = /^\p{L}\p{M}*/u;

// In font sizes. An accent is a third wide, a letter up to nine tenths; what merely touches the next letter is no accent of it.
const leastOverlap = 0.1;
const ontoLetterBefore = 0.25;
const widestLetter = 0.9;
const rise = 0.6;

function withMark(letter: string, mark: string): string {
  // Below an accent the letters i and j have no dot of their own.
  return (letter.replace("ı", "i").replace("ȷ", "j") + mark).normalize("NFC");
}

/**
 * Puts an accent that was drawn by itself on the letter that it lies on: the last one drawn before it, or the first one
 * drawn after it. Both runs are changed; one that was nothing but the accent is left with the empty text.
 *
 * @param run was drawn right after `previous`, in the same direction.
 */
export function putAccent(previous: Run, run: Run): void {
  const size = Math.min(previous.size, run.size);
  if (previous.rightToLeft || run.rightToLeft || Math.abs(previous.baseline - run.baseline) > rise * size) return;
  const overlap = previous.end - run.start;
  if (overlap < leastOverlap * size) return;
  const after = marks[previous.text.at(-1) ?? ""];
  if (after !== undefined && firstLetter.test(run.text)) {
    const isAlone = previous.text.length === 1;
    const liesOnIt = isAlone
      ? run.start > previous.start - rise * size && run.start < previous.start + rise * size
      : overlap < widestLetter * size;
    if (!liesOnIt) return;
    run.text = run.text.replace(firstLetter, (letter) => withMark(letter, after));
    previous.text = previous.text.slice(0, -1);
    previous.end = Math.min(previous.end, run.start);
    return;
  }
  const before = marks[run.text.at(0) ?? ""];
  if (before === undefined || !lastLetter.test(previous.text)) return;
  if (overlap < ontoLetterBefore * size || overlap > widestLetter * size) return;
  previous.text = previous.text.replace(lastLetter, (letter) => withMark(letter, before));
  run.text = run.text.slice(1);
  run.start = Math.min(previous.end, run.end);
}
