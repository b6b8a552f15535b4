import { IsthmusError } from "../../../core/errors.ts";
import type { Metadata, Parsed, ParseFault } from "../../../core/types.ts";
import { cleanLine, cleanText } from "../clean.ts";
import { recordDocument } from "../document.ts";
import { createColumns, type HeaderCells } from "./sheet-headers.ts";

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
  /** What the program itself knows to be headers (of tables and filters). */
  readonly headers: readonly HeaderCells[];
  /** Cells whose formula was never calculated: programs write them that cannot. */
  readonly uncalculated?: readonly string[];
}

// Spreadsheets have so many columns at most.
export const maxColumns = 16_384;

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

/**
 * A sheet as records, one a row: each filled cell as a line `name: value`, all of them as metadata too. A header
 * names its columns, or else their letters do; rows outside a table are records of their own.
 */
export function sheetRecords(sheet: Sheet): Parsed[] {
  // Cells that are merged over many rows cost rows times merges.
  const merged = sheet.merged.slice(0, 2_000);
  const rows = merged.length > 0 ? fillDown(sheet.rows, merged) : sheet.rows;
  const columns = createColumns(rows, sheet.headers, merged);
  const title = cleanLine(sheet.name);
  const records = rows.flatMap((row, index): Parsed[] => {
    const { names, header, isUsed } = columns.at(index);
    // The words of a header are in the records below it, if each of its columns holds something.
    const filled = [...row.cells].filter(([column]) => !(isUsed && header.has(column)));
    if (filled.length === 0 && row.notes.length === 0) return [];
    const fields = filled.map(([column, { text }]) => ({
      name: header.has(column) ? undefined : (names.get(column) ?? columnName(column)),
      value: cleanText(text).trim(),
    }));
    const metadata: Metadata = {
      sheet: title,
      ...Object.fromEntries(fields.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value]]))),
    };
    const isTable = names.size > 0;
    const lines = fields.map(({ name, value }) => (isTable && name !== undefined ? `${name}: ${value}` : value));
    const text = [lines.join(isTable ? "\n" : " | "), ...row.notes.map(cleanText)].filter((part) => part !== "");
    return [recordDocument(`${title}!${row.number}`, title, text.join("\n"), metadata)];
  });
  return sheet.uncalculated && sheet.uncalculated.length > 0
    ? [...records, uncalculatedCells(title, sheet.uncalculated)]
    : records;
}

/** What lies on a sheet beside its cells (text boxes, charts), as a record of its own. */
export function drawnRecord(sheet: string, texts: readonly string[]): Parsed[] {
  const title = cleanLine(sheet);
  const text = texts.filter((one) => one.trim() !== "").join("\n");
  return text === "" ? [] : [recordDocument(`${title}!drawings`, title, cleanText(text), { sheet: title })];
}

const cellsNamed = 5;

function uncalculatedCells(title: string, cells: readonly string[]): ParseFault {
  const some = cells.slice(0, cellsNamed).join(", ") + (cells.length > cellsNamed ? ", …" : "");
  const reason = `${cells.length === 1 ? "A formula has" : `${cells.length} formulas have`} no result in the file (${some}): open it in a program that calculates, and save it there.`;
  return { kind: "fault", id: `${title}!formulas`, code: "content_lost", reason };
}

export function hiddenSheet(name: string): ParseFault {
  const reason = `The sheet ${JSON.stringify(cleanLine(name))} is hidden and was left out. Show it in the workbook if it is meant to be found.`;
  return { kind: "fault", id: cleanLine(name), code: "content_lost", reason };
}

/** @throws `content_empty` where no sheet holds anything. */
export function withRecords(parsed: readonly Parsed[], name: string): readonly Parsed[] {
  if (parsed.some(({ kind }) => kind === "document")) return parsed;
  const [told] = parsed.flatMap((one) => (one.kind === "fault" ? [one.reason] : []));
  const why = told === undefined ? "its sheets hold no value." : `what it shows is empty. ${told}`;
  throw new IsthmusError("content_empty", `${name} holds no rows: ${why}`);
}
