import type { Run } from "./pdf-runs.ts";

/** Words that stand together in a row, without a gap as wide as between columns. */
export interface Segment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Place of its first run in the order of drawing. */
  readonly order: number;
}

/** What stands on one baseline. */
export interface Row {
  readonly baseline: number;
  readonly size: number;
  /** From left to right. */
  readonly segments: readonly Segment[];
  readonly rightToLeft: boolean;
}

// All in font sizes.
const wordGap = 0.11; // The narrowest space of common fonts, squeezed to justify a line.
const columnGap = 0.7; // pdf.js joins up to 0.6 into one item by itself.
const sameBaseline = 0.3;

/** Rows from top to bottom. */
export function rowsOf(runs: readonly Run[]): Row[] {
  raiseScripts(runs);
  const byHeight = [...runs].sort((a, b) => b.baseline - a.baseline || a.start - b.start);
  const groups: Run[][] = [];
  let last = { baseline: Number.POSITIVE_INFINITY, size: 0 };
  for (const run of byHeight) {
    const group = groups.at(-1);
    if (group && last.baseline - run.baseline <= sameBaseline * Math.min(last.size, run.size)) group.push(run);
    else {
      groups.push([run]);
      last = run;
    }
  }
  return groups.map(rowOf);
}

const isNumber = /^[\p{N}\p{Po}\p{Pd}+−*†‡§()[\]]+$/u;
const isUnitOrLetter = /(?:^|[^\p{L}])(?:\p{L}|[kcdmnµμ]m|ft|in)$/u;

/**
 * Puts superscripts and subscripts on the line they belong to. A raised number stays apart from the word before it
 * (a note is no part of the word), and is set off by ^ where it is a power.
 */
function raiseScripts(runs: readonly Run[]): void {
  runs.forEach((run, index) => {
    const [before, after] = [runs[index - 1], runs[index + 1]];
    for (const [base, gap] of [
      [before, before ? run.start - before.end : 0],
      [after, after ? after.start - run.end : 0],
    ] as const) {
      if (base === undefined || run.size > base.size * 0.85 || gap > base.size * 0.3 || gap < -base.size * 0.6)
        continue;
      const rise = run.baseline - base.baseline;
      if (rise > base.size * 0.75 || rise < -base.size * 0.45 || Math.abs(rise) < base.size * 0.08) continue;
      run.baseline = base.baseline;
      run.script = true;
      if (base === before && rise > 0 && !/^[\^ ]/.test(run.text)) {
        if (/\p{N}$/u.test(base.text) && /^[\p{N}+−-]/u.test(run.text)) run.text = `^${run.text}`;
        else if (isUnitOrLetter.test(base.text) && isNumber.test(run.text)) run.text = `^${run.text}`;
        else if (/[\p{L}\p{P}]$/u.test(base.text) && isNumber.test(run.text)) run.text = ` ${run.text}`;
      }
      return;
    }
  });
}

function rowOf(group: readonly Run[]): Row {
  const sorted = [...group].sort((a, b) => a.start - b.start || a.order - b.order);
  const ordered = joinSpacedLetters(sorted);
  const size = Math.max(...ordered.slice(0, 1000).map((run) => run.size));
  const rightToLeft = isRightToLeft(ordered);
  const segments: Segment[] = [];
  let open: Run[] = [];
  let end = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    const [first] = open;
    if (first === undefined) return;
    const order = open.reduce((least, run) => Math.min(least, run.order), first.order);
    segments.push({ text: textOf(open, rightToLeft), start: first.start, end, order });
    open = [];
  };
  for (const run of ordered) {
    const previous = open.at(-1);
    if (previous && run.start - end > columnGap * Math.max(previous.size, run.size)) close();
    if (open.length === 0) end = run.end;
    open.push(run);
    end = Math.max(end, run.end);
  }
  close();
  return { baseline: ordered[0]?.baseline ?? 0, size, segments, rightToLeft };
}

function isRightToLeft(runs: readonly Run[]): boolean {
  let balance = 0;
  for (const run of runs) balance += run.rightToLeft ? run.text.length : -run.text.length;
  return balance > 0;
}

function textOf(runs: readonly Run[], rightToLeft: boolean): string {
  if (!rightToLeft) return joinRuns(runs);
  // Numbers and foreign words inside a line of Arabic or Hebrew run from left to right among themselves.
  const groups: Run[][] = [];
  for (const run of runs) {
    const group = groups.at(-1);
    if (group && !run.rightToLeft && group.at(-1)?.rightToLeft === false) group.push(run);
    else groups.push([run]);
  }
  const parts: string[] = [];
  let next: readonly Run[] | undefined;
  for (const group of groups.reverse()) {
    const [first] = group;
    const left = group.at(-1);
    const right = next?.[0];
    if (left && right && (right.start - left.end > wordGap * left.size || right.spaced || isForeign(left, right))) {
      parts.push(" ");
    }
    if (first) parts.push(joinRuns(group));
    next = group;
  }
  return parts.join("");
}

// A Latin word between Arabic ones is a word of its own, whatever the distance: the space is often drawn inside the Arabic.
function isForeign(one: Run, other: Run): boolean {
  const word = one.rightToLeft ? other : one;
  return one.rightToLeft !== other.rightToLeft && /\p{L}{2}/u.test(word.text);
}

function joinRuns(runs: readonly Run[]): string {
  const parts: string[] = [];
  let previous: Run | undefined;
  for (const run of runs) {
    if (previous) {
      const drawnAgain = overlap(previous, run);
      if (drawnAgain === 0 && isSpaceBetween(previous, run)) parts.push(" ");
      parts.push(run.text.slice(drawnAgain));
    } else parts.push(run.text);
    previous = run;
  }
  return parts.join("").trim();
}

function isSpaceBetween(previous: Run, run: Run): boolean {
  const gap = run.start - previous.end;
  const size = Math.min(previous.size, run.size);
  if (gap > wordGap * size) return true;
  // What overlaps by so much was not meant as one word: cells whose text is wider than they are. (A single mark is an accent.)
  if (gap < -0.25 * size) return previous.text.length > 1 && run.text.length > 1;
  return run.spaced && run.order > previous.order && gap > -wordGap * size;
}

/** How many letters at the start of a run repeat the end of the one before, drawn on top of it (letter by letter bold). */
function overlap(previous: Run, run: Run): number {
  const depth = previous.end - run.start;
  if (depth <= 0) return 0;
  const letterWidth = (run.end - run.start) / run.text.length;
  for (let count = Math.min(previous.text.length, run.text.length, 3); count > 0; count -= 1) {
    const fits = Math.abs(count * letterWidth - depth) < 0.6 * letterWidth;
    if (fits && previous.text.endsWith(run.text.slice(0, count))) return count;
  }
  return 0;
}

const spacedWord = /^(?:\p{L}\p{M}* ){3,}\p{L}\p{M}*$/u;
const singleLetter = /^\p{L}\p{M}*$/u;
const leastLetters = 4;
const widestSpacing = 1.3; // Between words: letters stand closer.
// A row of single letters without a vowel, or in the order of the alphabet, is a row of single letters (columns, days).
const hasVowel = /[aeiouyäöüàéèêåæøаеиоуыэюяαεηιοωυ]/iu;
const isAlphabet = (letters: string): boolean => {
  const codes = [...letters.toLowerCase()].map((letter) => letter.codePointAt(0) ?? 0);
  return codes.every((code, index) => index === 0 || code === (codes[index - 1] ?? 0) + 1);
};
/** Single letters that spell a word rather than a list of letters. */
export const isWord = (letters: string): boolean => hasVowel.test(letters.normalize("NFKD")) && !isAlphabet(letters);

/** Letter-spaced headings (Z E B R A) become words again. */
function joinSpacedLetters(runs: readonly Run[]): readonly Run[] {
  const joined = runs.map((run) => {
    if (!spacedWord.test(run.text)) return run;
    const letters = run.text.replace(/ /g, "");
    // The space between two words is lost among the others; a capital tells where the next one begins.
    return isWord(letters) ? { ...run, text: letters.replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ") } : run;
  });
  if (joined.length < leastLetters || !joined.some((run) => singleLetter.test(run.text))) return joined;
  const result: Run[] = [];
  let letters: Run[] = [];
  const close = (): void => {
    result.push(...wordsOfLetters(letters));
    letters = [];
  };
  for (const run of joined) {
    const previous = letters.at(-1);
    const gap = previous ? run.start - previous.end : 0;
    if (!singleLetter.test(run.text) || (previous && (gap > widestSpacing * run.size || gap < 0))) close();
    if (singleLetter.test(run.text)) letters.push(run);
    else result.push(run);
  }
  close();
  return result;
}

/** Single letters at even distances; where the distance is clearly wider than most, the next word begins. */
function wordsOfLetters(letters: readonly Run[]): Run[] {
  if (letters.length < leastLetters) return [...letters];
  const gaps = letters.slice(1).map((run, index) => run.start - (letters[index]?.end ?? 0));
  const typical = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 3)] ?? 0;
  const words: Run[][] = [];
  letters.forEach((run, index) => {
    const gap = gaps[index - 1] ?? Number.POSITIVE_INFINITY;
    const word = words.at(-1);
    // Letters are of unequal width, so distances between them vary a little even in even spacing.
    if (word && gap <= typical * 1.6 + run.size * 0.05) word.push(run);
    else words.push([run]);
  });
  const joined = words.map((word) => word.map((run) => run.text).join(""));
  const longEnough = joined.some((word) => word.length >= leastLetters) && joined.every((word) => word.length > 1);
  if (!longEnough || !isWord(joined.join(""))) return [...letters];
  return words.flatMap((word, index) => {
    const [first, last] = [word[0], word.at(-1)];
    return first && last ? [{ ...first, text: joined[index] ?? "", end: last.end, spaced: true }] : [];
  });
}
