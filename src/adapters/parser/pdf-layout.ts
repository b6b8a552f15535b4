import type { Row, Segment } from "./pdf-rows.ts";

/** A line of text in reading order. */
export interface Line {
  readonly text: string;
  /** How it is set off from the line before. */
  readonly before: "line" | "paragraph";
  /** A row of a table: its cells are set apart, and no word goes on in the next line. */
  readonly cells: boolean;
}

interface Baseline {
  readonly baseline: number;
  readonly size: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

// Lines of one paragraph stand about 1.2 font sizes apart.
const paragraphGap = 1.7;
// In font sizes: what is kept free from top to bottom of a band of rows, between columns.
const gutterWidth = 0.7;
const mostColumns = 5;
const deepest = 4;

/** Reads rows top down, columns of prose one after the other, rows of tables whole. */
export function readRows(rows: readonly Row[]): Line[] {
  const lines: Line[] = [];
  let last: Baseline | undefined;
  const add = (row: Row, text: string, cells: boolean): void => {
    lines.push({ text, cells, before: last && isApart(last, row, lines.at(-1)?.text ?? "") ? "paragraph" : "line" });
    last = row;
  };
  read(rows, add, 0);
  return lines;
}

function isApart(last: Baseline, next: Baseline, lastText: string): boolean {
  const gap = last.baseline - next.baseline;
  // At the top of the next column a sentence goes on.
  if (gap < 0) return /[.!?:;。！？]["'”’)]?$/u.test(lastText);
  return gap > paragraphGap * Math.max(next.size, Math.min(last.size, next.size * 1.2));
}

type Add = (row: Row, text: string, cells: boolean) => void;

function read(rows: readonly Row[], add: Add, depth: number): void {
  let from = 0;
  while (from < rows.length) {
    const { to, gutters } = depth < deepest ? bandAt(rows, from) : { to: from + 1, gutters: [] };
    const band = rows.slice(from, to);
    if (gutters.length === 0) for (const row of band) add(row, joined(row, " "), false);
    else readBand(band, gutters, add, depth);
    from = to;
  }
}

function joined(row: Row, separator: string): string {
  const texts = row.segments.map((segment) => segment.text);
  return (row.rightToLeft ? texts.reverse() : texts).join(separator);
}

/** The parts between the spans, as far as they are wide enough. Spans are sorted by their start. */
function gapsBetween(spans: readonly Span[], least: number): Span[] {
  const gaps: Span[] = [];
  let at = spans[0]?.end ?? 0;
  for (const { start, end } of spans) {
    if (start - at >= least) gaps.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  return gaps;
}

/** What of the gaps a row leaves free. Both lists are sorted. */
function stillFree(gaps: readonly Span[], row: Row, least: number): Span[] {
  const free: Span[] = [];
  let index = 0;
  for (const gap of gaps) {
    let at = gap.start;
    while ((row.segments[index]?.end ?? Number.POSITIVE_INFINITY) <= gap.start) index += 1;
    for (let here = index; ; here += 1) {
      const segment = row.segments[here];
      const until = Math.min(segment?.start ?? gap.end, gap.end);
      if (until - at >= least) free.push({ start: at, end: until });
      if (segment === undefined || segment.start >= gap.end) break;
      at = Math.max(at, segment.end);
    }
  }
  return free;
}

/** The longest run of rows from here that leave gutters free, with text on both sides of them from the first rows on. */
function bandAt(rows: readonly Row[], from: number): { to: number; gutters: readonly Span[] } {
  const [first, second] = [rows[from], rows[from + 1]];
  if (first === undefined) return { to: from + 1, gutters: [] };
  const least = gutterWidth * first.size;
  let gutters = gapsBetween(first.segments, least);
  if (gutters.length === 0 && second && first.baseline - second.baseline < paragraphGap * first.size) {
    // The baselines of two columns need not agree: then each row has text in one of them.
    const spans = [...first.segments, ...second.segments].sort((a, b) => a.start - b.start);
    gutters = gapsBetween(spans, least);
  }
  if (gutters.length === 0) return { to: from + 1, gutters };
  let to = from + 1;
  for (let row = rows[to]; row; to += 1, row = rows[to]) {
    const free = stillFree(gutters, row, least);
    if (free.length === 0) break;
    gutters = free;
  }
  return { to, gutters };
}

/** The part of each row that lies in each column; a column lacks the rows that have nothing in it. */
function columnsOf(band: readonly Row[], gutters: readonly Span[]): Row[][] {
  const columns: Row[][] = [...gutters, undefined].map(() => []);
  for (const row of band) {
    const parts: Segment[][] = columns.map(() => []);
    let column = 0;
    for (const segment of row.segments) {
      while (segment.start >= (gutters[column]?.end ?? Number.POSITIVE_INFINITY)) column += 1;
      parts[column]?.push(segment);
    }
    parts.forEach((segments, index) => {
      if (segments.length > 0) columns[index]?.push({ ...row, segments });
    });
  }
  return columns;
}

function readBand(band: readonly Row[], gutters: readonly Span[], add: Add, depth: number): void {
  const columns = withLabels(columnsOf(band, gutters));
  if (columns.length > 1 && isProse(columns)) {
    const [first] = columns;
    const ordered = first?.[0]?.rightToLeft ? [...columns].reverse() : columns;
    for (const column of ordered) read(column, add, depth + 1);
    return;
  }
  // One row alone is no table: a running head and its page number, a line with a tabulator. Nor is a list.
  const isTable = columns.length > 1 && band.filter((row) => row.segments.length > 1).length > 1;
  for (const row of band) {
    const cells = isTable && row.segments.length > 1;
    add(row, cells ? joinedCells(row, gutters) : joined(row, " "), cells);
  }
}

/** The cells of a row set apart, a label (Name:) and its value aside; words that merely stand wide apart inside a cell are not cells. */
function joinedCells(row: Row, gutters: readonly Span[]): string {
  const cells = columnsOf([row], gutters).flatMap((column) => column.map((part) => joined(part, " ")));
  return (row.rightToLeft ? cells.reverse() : cells).join(" | ").replaceAll(": | ", ": ");
}

interface Shape {
  /** Words a line, on average. */
  readonly words: number;
  /** How much of the column's width its lines fill, on average. */
  readonly filled: number;
  readonly width: number;
  /** The part of its lines that are numbers above all. */
  readonly numbers: number;
}

const numeric = /^[\p{N}\p{P}\p{S}\s]+$/u;
const unspacedWord =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2}|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;

function shapeOf(column: readonly Row[]): Shape {
  const starts = column.map((row) => row.segments[0]?.start ?? 0);
  const ends = column.map((row) => row.segments.at(-1)?.end ?? 0);
  const left = starts.reduce((least, start) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const width = ends.reduce((most, end) => Math.max(most, end), Number.NEGATIVE_INFINITY) - left;
  let [words, filled, numbers] = [0, 0, 0];
  column.forEach((row, index) => {
    const text = joined(row, " ");
    words += text.match(unspacedWord)?.length ?? 0;
    filled += ((ends[index] ?? 0) - left) / Math.max(width, 1);
    if (numeric.test(text)) numbers += 1;
  });
  const lines = Math.max(column.length, 1);
  return { words: words / lines, filled: filled / lines, width, numbers: numbers / lines };
}

/** Drawn one column after the other, not row by row. */
function isDrawnByColumn(columns: readonly (readonly Row[])[]): boolean {
  const drawn = columns
    .flatMap((column, index) => column.map((row) => ({ index, order: row.segments[0]?.order ?? 0 })))
    .sort((a, b) => a.order - b.order);
  let changes = 0;
  drawn.forEach(({ index }, place) => {
    if (place > 0 && drawn[place - 1]?.index !== index) changes += 1;
  });
  return changes < columns.length + 0.1 * drawn.length;
}

/**
 * Whether columns are to be read one after the other; else they are a table, whose rows belong together. Prose has several
 * words a line and fills its column; how the page was drawn decides where that does not.
 */
function isProse(columns: readonly (readonly Row[])[]): boolean {
  if (columns.length > mostColumns) return false;
  const shapes = columns.map(shapeOf);
  if (shapes.some((shape) => shape.numbers > 0.4)) return false;
  const rows = columns.map((column) => column.length);
  const fewestWords = Math.min(...shapes.map((shape) => shape.words));
  const fewestRows = Math.min(...rows);
  if (isDrawnByColumn(columns)) return fewestWords >= 2 && fewestRows >= 2;
  const even = fewestRows >= 3 && fewestRows >= 0.5 * Math.max(...rows);
  return even && fewestWords >= 2.5 && shapes.every((shape) => shape.filled >= 0.6);
}

// Bullets, numbers of a list, line numbers: a column that belongs to the text on its right.
const label = /^(?:[\p{P}\p{S}\p{Co}]|[([]?(?:\p{N}{1,4}|\p{L}|[ivx]{1,5})[\])]?[.):]?)$/u;

function withLabels(columns: readonly Row[][]): Row[][] {
  const merged: Row[][] = [];
  let labels: Row[] | undefined;
  for (const column of columns) {
    const isLabels = column.filter((row) => label.test(joined(row, ""))).length >= 0.8 * column.length;
    if (isLabels && labels === undefined) labels = column;
    else {
      merged.push(labels === undefined ? column : mergeRows(labels, column));
      labels = undefined;
    }
  }
  if (labels !== undefined) merged.push(labels);
  return merged;
}

function mergeRows(left: readonly Row[], right: readonly Row[]): Row[] {
  const byBaseline = new Map<number, Row>(left.map((row) => [row.baseline, row]));
  for (const row of right) {
    const label = byBaseline.get(row.baseline);
    byBaseline.set(row.baseline, label ? { ...row, segments: [...label.segments, ...row.segments] } : row);
  }
  return [...byBaseline.values()].sort((a, b) => b.baseline - a.baseline);
}
