// Scripts that put no spaces between words: a line end inside a sentence must not make other words of it.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
// Set before a power by our reader (R^2), where other programs write R2.
const caretInside = /(?<=[\p{L}\p{N}])\^(?=[\p{N}])/gu;
const hyphenInside = /(?<=[\p{L}\p{N}])[\u00ad\u2010\u2011-](?=[\p{L}\p{N}])/gu;

/**
 * The words of a text as they are compared: compatibility forms (ligatures, full width) folded, case ignored, a hyphenated
 * compound one word, whether or not its hyphen is there, and so is what has a power; a character a word where a script does not space its words.
 */
export function wordsOf(text: string): string[] {
  const folded = text.normalize("NFKC").toLowerCase().replace(hyphenInside, "").replace(caretInside, "");
  return (folded.match(wordPattern) ?? []).flatMap((word) => (unspaced.test(word) ? [...word] : [word]));
}

/**
 * The same of letters, wherever words end: set beside the words it tells what is lost from what is merely set apart otherwise
 * (drawings, formulas and letter-spaced lines have no order or spaces that two programs agree on).
 */
export function letterRecall(reference: readonly string[], found: readonly string[]): number {
  return wordRecall([...reference.join("")], [...found.join("")]);
}

/** How many of the reference's words are in the text, each occurrence counted: 0 to 1; 1 for a reference without words. */
export function wordRecall(reference: readonly string[], found: readonly string[]): number {
  if (reference.length === 0) return 1;
  const left = new Map<string, number>();
  for (const word of found) left.set(word, (left.get(word) ?? 0) + 1);
  let hits = 0;
  for (const word of reference) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    hits += 1;
  }
  return hits / reference.length;
}
