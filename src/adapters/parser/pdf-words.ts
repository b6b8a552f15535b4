import type { Glyph } from "./pdf-glyphs.ts";
import { isWord } from "./pdf-rows.ts";
import type { PdfTextItem } from "./pdf-runs.ts";

const spacedLetters = /(?<!\S)\p{L}\p{M}*(?: \p{L}\p{M}*){3,}(?!\S)/gu;
// A page with fewer letters on top of each other is read as its pieces have it.
const leastSecondStrokes = 4;

/** A word in single letters: not a row of one letter or of the alphabet. */
function hasSpacedWord(text: string): boolean {
  return (text.match(spacedLetters) ?? []).some((word) => {
    const letters = word.replaceAll(" ", "");
    return new Set(letters).size > 2 && isWord(letters);
  });
}

/** How many pieces begin on top of the letter that the one before ends with: a second stroke for bold. */
function secondStrokesIn(items: readonly PdfTextItem[]): number {
  let count = 0;
  let last: PdfTextItem | undefined;
  for (const item of items) {
    const text = item.str.trim();
    if (text === "") continue;
    const [, , , , x = 0, y = 0] = item.transform;
    const [, , , , lastX = 0, lastY = 0] = last?.transform ?? [];
    const depth = lastX + (last?.width ?? 0) - x;
    const isOnTop = depth > 0.1 * item.height && depth < item.height && Math.abs(y - lastY) < 0.25 * item.height;
    if (last && isOnTop && last.str.trim().at(-1) === text[0]) count += 1;
    last = item;
  }
  return count;
}

/** Whether the pieces that pdf.js made of a page break its words, so that its glyphs tell more. */
export function areBroken(items: readonly PdfTextItem[]): boolean {
  // Letters from right to left are turned round inside a piece: glyphs come in the order of the eye.
  if (items.some((item) => item.dir === "rtl" || item.vertical)) return false;
  return items.some((item) => hasSpacedWord(item.str)) || secondStrokesIn(items) >= leastSecondStrokes;
}

// In font sizes.
const wordGap = 0.11; // The narrowest space of common fonts, squeezed to justify a line.
const furthestBack = -0.3;
const sameLine = 0.2;
const noMove = 0.02;
const widestSpacing = 0.8;
const widestMoved = 0.165;
const widestSpace = 0.5;
const widestInStep = 0.45;
const again = 0.25;

/**
 * The glyphs of a page put into words by where they stand; white space that was drawn is an item of its own. Letters that
 * are set apart evenly (by character spacing, or because each is as far from the one before) are one word: no space between
 * words is made by that.
 */
export function wordsOfGlyphs(glyphs: readonly Glyph[]): PdfTextItem[] {
  const items: PdfTextItem[] = [];
  // Distances from the first glyph on, along its line: `pen` is where the next one stands if nothing moves it.
  let word:
    | { text: string; readonly first: Glyph; at: number; step: number; steps: number; end: number; pen: number }
    | undefined;
  let last: typeof word;
  const close = (): void => {
    if (word === undefined) return;
    const { first, text, end } = word;
    last = word;
    const [a, b] = [first.right[0] * first.size, first.right[1] * first.size];
    items.push(itemOf(text, [a, b, -b, a, first.x, first.y], end, first.size));
    lastItem = items.length - 1;
    word = undefined;
  };
  let lastItem = -1;
  let spacing = 0;
  let pen: readonly [number, number] | undefined;
  for (const glyph of withoutSecondStrokes(glyphs)) {
    const isDrawnOn = pen && Math.hypot(pen[0] - glyph.x, pen[1] - glyph.y) <= noMove * glyph.size;
    pen = [glyph.x + glyph.right[0] * glyph.advance, glyph.y + glyph.right[1] * glyph.advance];
    if (glyph.text.trim() === "") {
      close();
      items.push(itemOf(" ", [], 0, glyph.size));
      continue;
    }
    if (word !== undefined) {
      const { first } = word;
      const [a, b] = first.right;
      const [across, up] = [glyph.x - first.x, glyph.y - first.y];
      const place = across * a + up * b;
      const gap = place - word.end;
      const size = Math.min(first.size, glyph.size);
      // Capitals and smaller capitals for small letters are one word.
      const isCapitals = /\p{Lu}$/u.test(word.text) && /^\p{Lu}/u.test(glyph.text);
      const isSize = Math.max(first.size, glyph.size) < size * (isCapitals ? 1.6 : 1.1);
      const isAlike = isSize && a * glyph.right[0] + b * glyph.right[1] > 0.999;
      const isInLine = Math.abs(up * a - across * b) <= sameLine * size && gap >= furthestBack * size;
      const isNext = Math.abs(place - word.pen) <= noMove * size && gap <= widestSpacing * size;
      // Where letters are set apart some are moved by hand, as far as the others are.
      const isMoved = gap <= widestMoved * size && 0.8 * gap <= Math.max(spacing, glyph.advance - glyph.width);
      const isStep = Math.abs(place - word.at - word.step) <= noMove * size;
      // Leaders and numbers of a row stand so too; and a letter's width may be a step by chance, where nothing moves it.
      const isInStep =
        isStep && word.steps > 0 && gap <= widestInStep * size && /\p{L}{2}$/u.test(word.text + glyph.text);
      if (isAlike && isInLine && (gap <= wordGap * size || isNext || isMoved || isInStep)) {
        word.text += glyph.text;
        if (!isStep) word.steps = 0;
        else if (Math.abs(gap) > noMove * size) word.steps += 1;
        word.step = place - word.at;
        word.at = place;
        word.end = Math.max(word.end, place + glyph.width);
        word.pen = place + glyph.advance;
        spacing = Math.max(spacing, glyph.advance - glyph.width);
        continue;
      }
      close();
    }
    const before = items[lastItem];
    if (isDrawnOn && last && before) {
      // What is merely drawn on after a space is no other column, however wide the space is.
      const place = (glyph.x - last.first.x) * last.first.right[0] + (glyph.y - last.first.y) * last.first.right[1];
      const width = Math.max(before.width, place - widestSpace * glyph.size);
      items[lastItem] = { ...before, width };
    }
    // On one line all words have the same step and spacing.
    const isSameLine = last?.first.y === glyph.y && last.first.size === glyph.size;
    if (!isSameLine) spacing = 0;
    const { step, steps } = (isSameLine ? last : undefined) ?? { step: 0, steps: 0 };
    word = { text: glyph.text, first: glyph, at: 0, step, steps, end: glyph.width, pen: glyph.advance };
  }
  close();
  return items;
}

function itemOf(str: string, transform: readonly number[], width: number, height: number): PdfTextItem {
  return { str, dir: "ltr", width, height, transform, vertical: false };
}

/** Bold is faked by drawing each glyph twice, a little apart. */
function withoutSecondStrokes(glyphs: readonly Glyph[]): Glyph[] {
  const drawn = new Map<string, Glyph[]>();
  return glyphs.filter((glyph) => {
    const cell = Math.max(glyph.size, 1);
    const [column, row] = [Math.round(glyph.x / cell), Math.round(glyph.y / cell)];
    const reach = Math.min(again * glyph.size, Math.max(glyph.width * 0.5, 0.1));
    for (const across of [column - 1, column, column + 1]) {
      for (const up of [row - 1, row, row + 1]) {
        const near = drawn.get(`${across} ${up} ${glyph.text}`) ?? [];
        if (near.some((other) => Math.abs(other.x - glyph.x) <= reach && Math.abs(other.y - glyph.y) <= reach)) {
          return false;
        }
      }
    }
    const key = `${column} ${row} ${glyph.text}`;
    const here = drawn.get(key);
    if (here === undefined) drawn.set(key, [glyph]);
    // Enough to know them by: a page that draws one letter a million times in one place stays linear.
    else if (here.length < 8) here.push(glyph);
    return true;
  });
}
