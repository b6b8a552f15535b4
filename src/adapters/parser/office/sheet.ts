import { IsthmusError } from "../../../core/errors.ts";
import type { Metadata, Parsed, ParsedDocument, ParseFault } from "../../../core/types.ts";
import { cleanLine, cleanText } from "../clean.ts";
import { recordDocument } from "../document.ts";

/** What a cell shows. */
export interface Cell {
  readonly text: string;
  /** Words, not a number, a date or a truth value: a header holds nothing else. */
  readonly isWords: boolean;
}

export interface SheetRow {
  /** As the program shows it, from 1. */
  readonly number: number;
  /** By column, from 0. */
  readonly cells: ReadonlyMap<number, Cell>;
  /** Remarks on its cells. */
  readonly notes: readonly string[];
}

/** Cells shown as one; only the first holds the value. Rows from 1, columns from 0, ends included. */
export interface MergedCells {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export interface Sheet {
  readonly name: string;
  /** In order; rows without any value are left out. */
  readonly rows: readonly SheetRow[];
  readonly merged: readonly MergedCells[];
  /** Rows that the program itself knows to be headers (of tables and filters). */
  readonly headers: ReadonlySet<number>;
}

// Spreadsheets have so many columns at most.
export const maxColumns = 16_384;
// How far down a header may stand below titles and remarks.
const headerSearch = 20;
const headerUse = 500;

/** `A` for 0, `AA` for 26. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

/** `{ row: 7, column: 1 }` for `B7` and `$B$7`; undefined for what is no cell of a sheet. */
export function cellPlace(reference: string): { row: number; column: number } | undefined {
  const [, letters, digits] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(reference) ?? [];
  if (letters === undefined || digits === undefined) return undefined;
  const column = [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return column < maxColumns ? { row: Number(digits), column } : undefined;
}

/**
 * The row that names the columns: the first of at least two cells, words all of them, that is as wide as the table below
 * it. Titles and remarks above it are narrower.
 *
 * @returns undefined for a table without one.
 */
function findHeader(rows: readonly SheetRow[]): SheetRow | undefined {
  const first = rows.slice(0, headerSearch);
  const width = Math.max(0, ...first.map(({ cells }) => cells.size));
  const fits = ({ cells }: SheetRow): boolean => cells.size >= 2 && cells.size * 2 > width;
  const header = first.find(fits);
  if (!header || header === rows.at(-1)) return undefined;
  return [...header.cells.values()].every(({ isWords }) => isWords) ? header : undefined;
}

/** A value that is merged over several rows counts in each of them; over several columns it stands in the first. */
function fillDown(rows: readonly SheetRow[], merged: readonly MergedCells[]): SheetRow[] {
  const filled = new Map(rows.map((row) => [row.number, { ...row, cells: new Map(row.cells) }]));
  for (const { top, bottom, left } of merged) {
    const value = filled.get(top)?.cells.get(left);
    if (!value || bottom <= top) continue;
    for (const row of filled.values()) {
      if (row.number > top && row.number <= bottom && !row.cells.has(left)) row.cells.set(left, value);
    }
  }
  return [...filled.values()].map((row) => ({ ...row, cells: new Map([...row.cells].sort(([a], [b]) => a - b)) }));
}

function namesOf(header: SheetRow): Map<number, string> {
  const seen = new Map<string, number>();
  return new Map(
    [...header.cells].map(([column, { text }]) => {
      const name = cleanLine(text);
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return [column, count === 1 ? name : `${name}_${count}`];
    }),
  );
}

/** Whether every column of a header is filled in some row below it, looking at the next few hundred. */
function isUsed(header: SheetRow, rows: readonly SheetRow[], index: number): boolean {
  const below = rows.slice(index + 1, index + 1 + headerUse);
  return [...header.cells.keys()].every((column) => below.some(({ cells }) => cells.has(column)));
}

/**
 * A sheet as records, one a row: each filled cell as a line `name: value`, all of them as metadata too. The header
 * names the columns, or else their letters do; rows above the header are records of their own.
 */
export function sheetRecords(sheet: Sheet): ParsedDocument[] {
  // Cells that are merged over many rows cost rows times merges.
  const merged = sheet.merged.slice(0, 2_000);
  const rows = merged.length > 0 ? fillDown(sheet.rows, merged) : sheet.rows;
  const found = rows.some(({ number }) => sheet.headers.has(number)) ? undefined : findHeader(rows);
  let names = new Map<number, string>();
  const title = cleanLine(sheet.name);
  const heads = (row: SheetRow | undefined): boolean =>
    row !== undefined && (row === found || sheet.headers.has(row.number));
  return rows.flatMap((row, index): ParsedDocument[] => {
    const isHeader = heads(row);
    if (isHeader) names = namesOf(row);
    // The words of a header are in the records below it, if each of its columns holds something.
    if (isHeader && row.notes.length === 0 && isUsed(row, rows, index)) return [];
    const fields = [...row.cells].map(([column, { text }]): [string, string] => [
      names.get(column) ?? columnName(column),
      cleanText(text).trim(),
    ]);
    const metadata: Metadata = { sheet: title, ...Object.fromEntries(isHeader ? [] : fields) };
    const isTable = names.size > 0;
    const lines = isTable
      ? fields.map(([name, value]) => (isHeader ? value : `${name}: ${value}`))
      : fields.map(([, value]) => value);
    const text = [lines.join(isTable ? "\n" : " | "), ...row.notes.map(cleanText)].join("\n");
    return [recordDocument(`${title}!${row.number}`, title, text, metadata)];
  });
}

export function hiddenSheet(name: string): ParseFault {
  const reason = `The sheet ${JSON.stringify(cleanLine(name))} is hidden and was left out. Show it in the workbook if it is meant to be found.`;
  return { kind: "fault", id: cleanLine(name), code: "content_lost", reason };
}

/** @throws `content_empty` where no sheet holds anything. */
export function withRecords(parsed: readonly Parsed[], name: string): readonly Parsed[] {
  if (parsed.some(({ kind }) => kind === "document")) return parsed;
  const why = parsed.length > 0 ? "what it shows is empty, other sheets are hidden" : "its sheets hold no value";
  throw new IsthmusError("content_empty", `${name} holds no rows: ${why}.`);
}
