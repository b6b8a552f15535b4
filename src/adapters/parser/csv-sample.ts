import type { CsvDialect } from "./csv-dialect.ts";

/** A record of the beginning of a table, read to find out how the table is written. */
export interface SampleRow {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

// A few hundred rows say as much of a table as all of them.
const mostRows = 200;

interface Field {
  readonly value: string;
  readonly end: number;
}

/** Of a quoted field: its closing quote is not there, or something follows it. */
type Broken = "open" | "stray";

/** The quoted field whose opening quote is at `at`. */
function quotedField(text: string, at: number, { delimiter, quoteEscape }: CsvDialect): Field | Broken {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    if (quoteEscape === "\\" && text[end - 1] === "\\") continue;
    if (text[end + 1] === '"') {
      end += 1;
      continue;
    }
    let after = end + 1;
    while (text[after] === " ") after += 1;
    const closed = after >= text.length || text[after] === delimiter || text[after] === "\n";
    return closed ? { value: text.slice(at + 1, end), end: after } : "stray";
  }
  return "open";
}

function plainField(text: string, at: number, delimiter: string): Field {
  const lineEnd = text.indexOf("\n", at);
  const line = lineEnd === -1 ? text.length : lineEnd;
  const next = text.indexOf(delimiter, at);
  const end = next === -1 || next > line ? line : next;
  return { value: text.slice(at, end), end };
}

/**
 * The first rows of a text as this dialect reads them, blank lines left out. Forgiving: what does not fit is read as
 * plain text, since another dialect may be the right one.
 *
 * @param text with LF as its line ends.
 * @param cut whether the text goes on.
 */
export function sampleRows(text: string, dialect: CsvDialect, cut = false): SampleRow[] {
  const rows: SampleRow[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length && rows.length < mostRows) {
    const cells: string[] = [];
    const start = at;
    for (;;) {
      while (text[at] === " ") at += 1;
      const quoted = text[at] === '"' ? quotedField(text, at, dialect) : "stray";
      // The lines of a cell that the sample ends in would count as rows.
      if (cut && quoted === "open" && rows.length > 2) return rows;
      const isQuoted = typeof quoted === "object";
      const field = isQuoted ? quoted : plainField(text, at, dialect.delimiter);
      cells.push(isQuoted ? field.value : field.value.trim());
      at = field.end;
      if (text[at] !== dialect.delimiter) break;
      at += 1;
    }
    at += 1;
    if (cells.length > 1 || cells[0] !== "") rows.push({ line, cells });
    for (let end = text.indexOf("\n", start); end !== -1 && end < at; end = text.indexOf("\n", end + 1)) line += 1;
  }
  return rows;
}

/** How many rows have how many cells: the most frequent number, and the share of the rows that have it. */
export function commonWidth(rows: readonly SampleRow[]): { width: number; share: number } {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let width = 0;
  for (const [candidate, count] of counts) {
    const most = counts.get(width) ?? 0;
    if (count > most || (count === most && candidate > width)) width = candidate;
  }
  return { width, share: rows.length === 0 ? 0 : (counts.get(width) ?? 0) / rows.length };
}
