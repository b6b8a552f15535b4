import { cleanLine } from "../clean.ts";
import type { MergedCells, SheetRow } from "./sheet.ts";

/** Cells of one row that name the columns below them. Columns from 0, ends included. */
export interface HeaderCells {
  readonly row: number;
  readonly left: number;
  readonly right: number;
  /** The last row of the table that they belong to; absent where nothing says where it ends. */
  readonly bottom?: number;
}

// How far down a header may stand below titles and remarks.
const headerSearch = 20;
const headerUse = 500;

const wholeRow = (row: SheetRow): HeaderCells => ({ row: row.number, left: 0, right: Number.POSITIVE_INFINITY });
const isAllWords = ({ cells }: SheetRow): boolean => [...cells.values()].every(({ isWords }) => isWords);

/** What lies over several columns of a table and not over all of it, by its row: the upper line of a header. */
type Groups = ReadonlyMap<number, readonly MergedCells[]>;

function groupsOf(merged: readonly MergedCells[]): Groups {
  const groups = new Map<number, MergedCells[]>();
  for (const one of merged)
    if (one.right > one.left && one.top === one.bottom) groups.set(one.top, [...(groups.get(one.top) ?? []), one]);
  return groups;
}

/** Whether the row is the upper line of a header, and the next its lower one. */
function isUpperLine(row: SheetRow, next: SheetRow | undefined, groups: Groups): boolean {
  const own = groups.get(row.number) ?? [];
  return (
    next?.number === row.number + 1 &&
    isAllWords(next) &&
    next.cells.size > row.cells.size &&
    own.some(({ left, right }) => next.cells.has(left) && next.cells.has(right))
  );
}

/**
 * The row that names the columns: the first of at least two cells, words all of them, that is as wide as the table below
 * it. Titles and remarks above it are narrower.
 *
 * @returns undefined for a table without one.
 */
function firstHeader(rows: readonly SheetRow[], groups: Groups): SheetRow | undefined {
  const first = rows.slice(0, headerSearch);
  const width = Math.max(0, ...first.map(({ cells }) => cells.size));
  // Of a single column a word above numbers is its name.
  const [top, ...below] = first;
  if (width === 1 && top && below.length >= 2 && isAllWords(top) && !below.some(isAllWords)) return top;
  const fits = ({ cells }: SheetRow): boolean => cells.size >= 2 && cells.size * 2 > width;
  const header = first.find((row, index) => fits(row) && !isUpperLine(row, first[index + 1], groups));
  if (!header || header === rows.at(-1)) return undefined;
  return isAllWords(header) ? header : undefined;
}

/** Below an empty row another table may begin: a row of words, and right below it one with a number under one of them. */
function laterHeaders(rows: readonly SheetRow[], first: SheetRow): SheetRow[] {
  return rows.filter((row, index) => {
    const [above, below] = [rows[index - 1], rows[index + 1]];
    if (row.number <= first.number || !above || !below || row.number === above.number + 1) return false;
    if (row.cells.size < 2 || !isAllWords(row) || below.number !== row.number + 1 || isAllWords(below)) return false;
    return [...below.cells.keys()].every((column) => row.cells.has(column));
  });
}

function findHeaders(rows: readonly SheetRow[], groups: Groups): HeaderCells[] {
  const first = firstHeader(rows, groups);
  return first ? [first, ...laterHeaders(rows, first)].map(wholeRow) : [];
}

interface RowNames {
  /** Of the columns in this row. */
  readonly names: ReadonlyMap<number, string>;
  /** The columns whose cells in this row are names themselves. */
  readonly header: ReadonlySet<number>;
  /** Whether every column of that header is filled in some row below it, looking at the next few hundred. */
  readonly isUsed: boolean;
}

/** The names of columns row by row: `at` is asked for each row once, in order. */
export function createColumns(
  rows: readonly SheetRow[],
  given: readonly HeaderCells[],
  merged: readonly MergedCells[] = [],
): { at(index: number): RowNames } {
  const groups = groupsOf(merged);
  const byNumber = new Map(rows.map((row) => [row.number, row]));
  const numbers = new Set(rows.map(({ number }) => number));
  const known = given.filter(({ row }) => numbers.has(row));
  const headers = new Map<number, HeaderCells[]>();
  for (const one of known.length > 0 ? known : findHeaders(rows, groups))
    headers.set(one.row, [...(headers.get(one.row) ?? []), one]);
  const named = new Map<number, { readonly name: string; readonly bottom: number }>();

  /** The name of a column, below what lies over it and its neighbours: not what lies over the whole table. */
  function nameOf(row: SheetRow, column: number, first: number, last: number): string {
    const name = cleanLine(row.cells.get(column)?.text ?? "");
    const over = (groups.get(row.number - 1) ?? []).find(
      ({ left, right }) => column >= left && column <= right && (first < left || last > right),
    );
    const above = over && cleanLine(byNumber.get(row.number - 1)?.cells.get(over.left)?.text ?? "");
    return above ? `${above} ${name}` : name;
  }

  function begin(row: SheetRow, starting: readonly HeaderCells[]): Set<number> {
    const own = new Set<number>();
    for (const { left, right, bottom = Number.POSITIVE_INFINITY } of starting) {
      for (const column of [...named.keys()]) if (column >= left && column <= right) named.delete(column);
      const columns = [...row.cells.keys()];
      // A hostile sheet has a thousand columns of one name.
      const counts = new Map<string, number>();
      const taken = new Set([...named.values()].map((one) => one.name));
      for (const column of columns) {
        if (column < left || column > right || own.has(column)) continue;
        own.add(column);
        const name = nameOf(row, column, columns[0] ?? 0, columns.at(-1) ?? 0);
        let unique = name;
        let count = counts.get(name) ?? 2;
        for (; taken.has(unique); count += 1) unique = `${name}_${count}`;
        counts.set(name, count);
        taken.add(unique);
        named.set(column, { name: unique, bottom });
      }
    }
    return own;
  }

  /** The rows that a header names, as far as they are looked at: to the end of its table, or to where another begins. */
  function rowsUnder(index: number, starting: readonly HeaderCells[]): SheetRow[] {
    const overlaps = (other: HeaderCells): boolean =>
      starting.some(({ left, right }) => other.left <= right && other.right >= left);
    const last = Math.max(...starting.map(({ bottom = Number.POSITIVE_INFINITY }) => bottom));
    const following = rows.slice(index + 1, index + 1 + headerUse);
    const end = following.findIndex(({ number }) => number > last || (headers.get(number) ?? []).some(overlaps));
    return end === -1 ? following : following.slice(0, end);
  }

  return {
    at(index) {
      const row = rows[index] as SheetRow;
      for (const [column, { bottom }] of named) if (row.number > bottom) named.delete(column);
      const starting = headers.get(row.number);
      const header = starting ? begin(row, starting) : new Set<number>();
      const below = starting ? rowsUnder(index, starting) : [];
      return {
        names: new Map([...named].map(([column, { name }]) => [column, name])),
        header,
        isUsed: [...header].every((column) => below.some(({ cells }) => cells.has(column))),
      };
    },
  };
}
