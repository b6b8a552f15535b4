import { type CellKind, cellKind, isProse } from "./csv-cells.ts";
import { type CsvDialect, noDelimiter } from "./csv-dialect.ts";
import { commonWidth, type SampleRow, sampleRows } from "./csv-sample.ts";

/** How a table is laid out, as its beginning shows. */
export interface TableLayout extends CsvDialect {
  readonly lineEnd: "lf" | "cr";
  /** Physical lines above the header, or above the first row where there is no header. */
  readonly linesAbove: number;
  /** Cells that most rows have. */
  readonly width: number;
  /** The title lines above the table, on one line. */
  readonly title: string;
  /** Lines that begin with a number sign are comments. */
  readonly comments: boolean;
  readonly header: boolean;
  /** The header names one column less than the rows have: the first one holds the names of the rows. */
  readonly rowNames: boolean;
  /** Of each column, by position: whether its cells are sentences. */
  readonly prose: readonly boolean[];
  /** Of each column, by position: whether few values come again and again in it, so that they name no row. */
  readonly repeated: readonly boolean[];
}

const candidates = [",", ";", "\t", "|"];
/** A table whose rows have the same width this often is one. */
const regular = 0.8;
const mostTitleLines = 12;
/** A header of these names one for sure. */
const knownNames = new Set(["id", "_id", "title", "text", "content", "body", "name", "url", "date"]);

/** Whether another delimiter stands in a cell as it does between fields: a comma of prose has a space after it, one of a number digits around. */
function looksUnsplit(cell: string, delimiter: string): boolean {
  return (
    (delimiter !== ";" && /;\S/.test(cell)) ||
    (delimiter !== "\t" && cell.includes("\t")) ||
    (delimiter !== "|" && cell.includes("|")) ||
    (delimiter !== "," && /,\S/.test(cell) && !/^[-+]?[\d.,' ]+%?$/.test(cell))
  );
}

/** Whether a line parts its fields with commas as a table does, and not as a sentence does. */
function isTight(row: SampleRow | undefined, text: string, delimiter: string): boolean {
  if (row === undefined || delimiter !== ",") return true;
  const line = text.split("\n", row.line)[row.line - 1] ?? "";
  return /,(?! )/.test(line);
}

interface Reading {
  readonly rows: readonly SampleRow[];
  readonly delimiter: string;
  readonly width: number;
  readonly score: number;
  /** The first row has as many cells as the others: it is no title. */
  readonly fits: boolean;
}

function readAs(text: string, dialect: CsvDialect, isCut: boolean): Reading {
  const rows = sampleRows(text, dialect, isCut);
  const { width, share } = commonWidth(rows.slice(pairsAbove(rows, text)));
  const cells = rows.flatMap((row) => row.cells);
  const unsplit = cells.filter((cell) => looksUnsplit(cell, dialect.delimiter)).length;
  const score = width < 2 ? 0 : share * (1 - 1 / width) * (1 - unsplit / Math.max(1, cells.length));
  const first = rows[0];
  const fits = first?.cells.length === width && share >= regular && isTight(first, text, dialect.delimiter);
  return { rows, delimiter: dialect.delimiter, width, score, fits };
}

function best(readings: readonly Reading[]): Reading | undefined {
  return readings.reduce<Reading | undefined>(
    (found, one) => (one.score > (found?.score ?? 0) ? one : found),
    undefined,
  );
}

/** One column, whatever commas its sentences hold: the first line has no delimiter, and those below are no regular table. */
function isSingleColumn({ rows, width, delimiter }: Reading, text: string): boolean {
  // Sentences without a header: no line parts its commas as a table does, and hardly two have as many.
  const isSentences = (delimiter === "," || delimiter === ";") && !new RegExp(`${delimiter}(?! )`).test(text);
  const sameWidth = rows.filter(({ cells }) => cells.length === width).length;
  if ((rows[0]?.cells.length ?? 0) > 1) return isSentences && sameWidth < rows.length * regular;
  // A column of numbers with decimal commas.
  const [, ...lines] = text.split("\n").filter((line) => line.trim() !== "");
  if (delimiter === "," && lines.every((line) => /^[-+]?\d{1,3}(?:\.?\d{3})*,\d+$/.test(line.trim()))) return true;
  const below = rows.slice(1).filter(({ cells }) => cells.length > 1);
  const regularRows = below.filter((row) => row.cells.length === width && isTight(row, text, delimiter));
  return regularRows.length < (rows.length - 1) * regular;
}

/** The escape of quotes inside quoted fields: a backslash where the sample shows it more often than doubled quotes. */
function escapeOf(text: string): CsvDialect["quoteEscape"] {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  // `\""` within a word is a quote written twice, of a program that also escapes.
  const escaped = count(/\\"(?![,;\t|\n]|$|"[^,;\t|\n])/g);
  return escaped > 0 && escaped > count(/[^,;\t|\n"]""[^,;\t|\n"]/g) ? "\\" : '"';
}

function lineEndOf(text: string): TableLayout["lineEnd"] {
  if (!/\r(?!\n)/.test(text)) return "lf";
  // Spreadsheets of old Macs end rows with CR, and lines inside cells with LF.
  const unquoted = [/"[^"]*"?/g, /"(?:[^"\\]|\\.)*"?/gs].map((quoted) => text.replace(quoted, ""));
  return unquoted.some((rest) => /\r(?!\n)/.test(rest) && !rest.includes("\n")) ? "cr" : "lf";
}

/** Cells up to the last one that is filled. */
const spanOf = ({ cells }: SampleRow): number => cells.findLastIndex((cell) => cell !== "") + 1;

/**
 * How many leading rows say what the table is of, as instruments and banks write them: `Station;Graz`, narrower than the
 * table, and set off by a blank line, by their number, or by being too narrow for a header that is one name short.
 */
function pairsAbove(rows: readonly SampleRow[], text: string): number {
  const count = rows.findIndex((row) => spanOf(row) > 2);
  if (count < 1 || count > mostTitleLines) return 0;
  const [header, ...below] = rows.slice(count);
  if (header === undefined || below.length === 0 || !rows.slice(0, count).some((row) => spanOf(row) === 2)) return 0;
  const width = header.cells.length;
  if (below.filter(({ cells }) => cells.length === width).length < below.length * regular) return 0;
  const before = rows[count - 1];
  const isSetOff =
    before !== undefined && (spanOf(before) === 0 || text.split("\n", header.line)[header.line - 2]?.trim() === "");
  // Rows as wide as the table, their other cells empty, may be rows of it.
  const isNarrow = rows.slice(0, count).every(({ cells }) => cells.length < width);
  return isSetOff || (isNarrow && (count > 1 || width > 3)) ? count : 0;
}

/** How many leading rows are titles: one thing in a row, above rows of many. */
function titleRows(rows: readonly SampleRow[], width: number, text: string, delimiter: string): number {
  const above = pairsAbove(rows, text);
  if (above > 0) return above;
  const filled = ({ cells }: SampleRow) => cells.filter((cell) => cell !== "").length;
  const isTitle = (row: SampleRow) => {
    if (row.cells.length < width - 1 && !isTight(row, text, delimiter)) return true;
    const next = rows[rows.indexOf(row) + 1];
    const isSentence = row.cells.length > width && !isTight(row, text, delimiter);
    if (isSentence && next?.cells.length === width && isTight(next, text, delimiter)) return true;
    return filled(row) === 0 || (filled(row) === 1 && row.cells[0] !== "" && (row.cells.length === 1 || width > 2));
  };
  let count = 0;
  while (count < rows.length && isTitle(rows[count] ?? { line: 0, cells: [] })) count += 1;
  const first = rows[count];
  return width > 1 && count <= mostTitleLines && first !== undefined && filled(first) > 1 ? count : 0;
}

/** The kind that nearly all cells of a column have, or undefined. */
function columnKind(rows: readonly SampleRow[], column: number): CellKind | undefined {
  const counts = new Map<CellKind, number>();
  let filled = 0;
  for (const { cells } of rows) {
    const kind = cellKind(cells[column] ?? "");
    if (kind === "empty") continue;
    filled += 1;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].find(([, count]) => count >= filled * regular)?.[0];
}

const wholeNumber = /^-?\d+$/;

/** Numbers that each are one more than the one before. */
function countsUp(cells: readonly string[]): boolean {
  return (
    cells.length > 1 &&
    cells.every((cell, index) => wholeNumber.test(cell) && Number(cell) === Number(cells[0]) + index)
  );
}

/**
 * Columns named by their positions, as pandas writes a frame without names. Few small numbers above whole numbers are more
 * often a row of them: the first edge of a graph, the first face of a mesh.
 */
function arePositions(cells: readonly string[], below: readonly SampleRow[]): boolean {
  if (!countsUp(cells) || (cells[0] !== "0" && cells[0] !== "1")) return false;
  const isFigures = ({ cells: row }: SampleRow) => row.every((cell) => cell === "" || wholeNumber.test(cell));
  return cells.length > 4 || !below.every(isFigures);
}

/** Numbers that name columns: the columns' own positions, or, beside words, years in order or numbers that count up. */
function isSeries(cells: readonly string[], below: readonly SampleRow[]): boolean {
  if (arePositions(cells, below)) return true;
  const at = [...cells.keys()].filter((column) => cellKind(cells[column] ?? "") === "number");
  const numbers = at.map((column) => cells[column] ?? "");
  if (at.length === 0 || at.length === cells.length) return false;
  const rowsBelow = below.map(({ cells: row }) => at.map((column) => row[column] ?? ""));
  if (numbers.length > 2 && countsUp(numbers)) return true;
  if (!numbers.every((cell, index) => /^(?:19|20)\d\d$/.test(cell) && Number(cell) > Number(numbers[index - 1] ?? 0)))
    return false;
  // A single year names a column of what can be none.
  const isNoYear = (cell: string) => cell === "" || !wholeNumber.test(cell) || Math.abs(Number(cell)) > 2100;
  return numbers.length > 1 || (rowsBelow.length > 1 && rowsBelow.every((row) => row.every(isNoYear)));
}

/** A column whose cells are few values again and again, as answers to a question are: undefined for another. */
function choices(below: readonly SampleRow[], column: number): ReadonlySet<string> | undefined {
  const filled = below.map(({ cells }) => cells[column] ?? "").filter((cell) => cell !== "");
  const distinct = new Set(filled);
  return filled.length >= 6 && distinct.size * 3 <= filled.length ? distinct : undefined;
}

/**
 * What speaks for the first row being names of columns: cells that are of another kind than their columns (a word above
 * numbers, a question above its answers) less those that are of the same (a number above numbers, a sentence above sentences, a
 * word that comes again).
 */
function headerEvidence(rows: readonly SampleRow[]): number {
  const [first, ...below] = rows;
  if (first === undefined) return 0;
  if (first.cells.some((cell) => knownNames.has(cell.trim().toLowerCase()))) return first.cells.length;
  if (below.length > 0 && isSeries(first.cells, below) && !below.every(({ cells }) => countsUp(cells))) return 1;
  let evidence = 0;
  for (const [column, cell] of first.cells.entries()) {
    const kind = cellKind(cell);
    if (kind === "empty") continue;
    // Names of columns may be questions, but no sentences.
    if (kind === "prose" && /[.!]["”»]?$/.test(cell)) evidence -= 0.5;
    const wanted = below.length === 0 ? kind : columnKind(below, column);
    if (wanted === "number" || wanted === "date" || wanted === "address") evidence += kind === wanted ? -1 : 1;
    else if (wanted === "prose") evidence += kind === "prose" ? -0.5 : 0.5;
    const values = kind === "text" || kind === "prose" ? choices(below, column) : undefined;
    if (values?.has(cell) === false) evidence += 0.5;
    if (kind === "text" && below.filter(({ cells }) => cells[column] === cell).length > 1) evidence -= 0.5;
  }
  return evidence;
}

/**
 * Finds out how a table is written from its beginning: the delimiter, the quotes, the line ends, what stands above the
 * header, and whether there is one.
 *
 * @param beginning of the table; its last line may be cut.
 * @param declared the delimiter that the file's kind names, if it does.
 * @param whole whether the beginning is all of it.
 */
export function tableLayout(beginning: string, declared: string | undefined, whole: boolean): TableLayout {
  const lineEnd = lineEndOf(beginning);
  const normal = beginning.replace(/\r\n?/g, "\n");
  const cut = normal.lastIndexOf("\n");
  const all = whole || cut === -1 ? normal : normal.slice(0, cut);
  const { text, lines, delimiter: named, comment } = leading(all);
  const quoteEscape = escapeOf(text);
  const readings = (named === undefined ? candidates : [named]).map((delimiter) =>
    readAs(text, { delimiter, quoteEscape }, !whole),
  );
  const forced = named ?? declared;
  const found =
    readings.find(({ delimiter, width }) => delimiter === forced && (width > 1 || named !== undefined)) ??
    best(readings.filter(({ fits }) => fits)) ??
    best(readings);
  const single = found === undefined || (forced !== found.delimiter && isSingleColumn(found, text));
  const delimiter = single ? noDelimiter : found.delimiter;
  const rows = single ? sampleRows(text, { delimiter, quoteEscape }) : found.rows;
  const titles = titleRows(rows, single ? 1 : found.width, text, delimiter);
  const table = rows.slice(titles);
  const below = commonWidth(table.slice(1));
  const [first] = table;
  const evidence = headerEvidence(table);
  const dialect = { delimiter, quoteEscape };
  const namesInComment = comment !== undefined && titles + evidence <= 0 && isHeaderComment(comment, table, dialect);
  // Words above words may be either; a file of them has a header more often than not.
  const header = namesInComment || evidence >= 0;
  const body = header && !namesInComment ? table.slice(1) : table;
  const rowNames =
    header &&
    !namesInComment &&
    first !== undefined &&
    first.cells.length > 1 &&
    first.cells.length === below.width - 1 &&
    below.share >= regular &&
    body.some(({ cells }) => cells.length === below.width && cells.at(-1) !== "");
  const mayQuote = delimiter !== "\t" || /(?:^|\t) *"[^"\n]*" *(?:\t|$)/m.test(text);
  const columns = Math.max(0, ...body.map(({ cells }) => cells.length));
  return {
    delimiter,
    quoteEscape,
    mayQuote,
    lineEnd,
    linesAbove: namesInComment ? lines - 1 : lines + (titles === 0 ? 0 : (first?.line ?? 1) - 1),
    width: below.width || (first?.cells.length ?? 1),
    title: rows
      .slice(0, titles)
      .map(({ cells }) => cells.filter((cell) => cell !== "").join(" "))
      .join(" "),
    comments: comment !== undefined,
    header,
    rowNames,
    prose: Array.from({ length: columns }, (_, column) => isProse(body.map(({ cells }) => cells[column] ?? ""))),
    repeated: Array.from({ length: columns }, (_, column) => choices(body, column) !== undefined),
  };
}

interface Leading {
  /** What follows. */
  readonly text: string;
  /** Lines before it. */
  readonly lines: number;
  readonly delimiter: string | undefined;
  /** The last comment line. */
  readonly comment: string | undefined;
}

/** Takes off blank lines, comment lines and the line by which spreadsheets name the delimiter. */
function leading(all: string): Leading {
  let delimiter: string | undefined;
  let comment: string | undefined;
  let lines = 0;
  let at = 0;
  while (at < all.length) {
    const lineEnd = all.indexOf("\n", at);
    const end = lineEnd === -1 ? all.length : lineEnd;
    const line = all.slice(at, end);
    const [, declared] = /^"?sep=(\\t|.)"?\s*$/i.exec(line) ?? [];
    if (declared !== undefined && delimiter === undefined) delimiter = declared === "\\t" ? "\t" : declared;
    else if (line.startsWith("#")) comment = line;
    else if (line.trim() !== "") break;
    at = end + 1;
    lines += 1;
  }
  return { text: all.slice(at), lines, delimiter, comment };
}

/** Whether the last comment line is the header, as some programs write it: as many names as the rows have cells. */
function isHeaderComment(comment: string, table: readonly SampleRow[], dialect: CsvDialect): boolean {
  const [row] = sampleRows(comment, dialect);
  const { width } = commonWidth(table);
  return (
    width > 1 && row?.cells.length === width && !comment.startsWith("##") && isTight(row, comment, dialect.delimiter)
  );
}
