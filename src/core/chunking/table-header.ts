/** A table in the parsed text: rows below each other, their cells set apart by bars. */
interface Table {
  /** Of the first row below the header. */
  readonly start: number;
  readonly end: number;
  /** The row that names the columns. */
  readonly header: string;
}

const delimiterRow = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const numeric = /^[\d\s.,:/%$€£()+-]*$/;
const year = /^\s*(?:19|20)\d\d\s*$/;
/** With fewer rows a table is seldom cut, and lines that only look like one are not rare. */
const fewestRows = 3;
/** Longer rows are no names of columns. */
const longestHeader = 1000;

/** Cells without the bars at the ends of a row. */
function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|");
}

/** Names of columns: two at least, and none of them a number but the years beside a name. Where the table is marked, any. */
function isHeader(row: string, marked: boolean): boolean {
  if (row.length > longestHeader) return false;
  const filled = cellsOf(row).filter((cell) => cell.trim() !== "");
  if (marked) return filled.length > 0;
  const named = filled.filter((cell) => !year.test(cell));
  return filled.length > 1 && named.length > 0 && !named.some((cell) => numeric.test(cell));
}

/** The tables in `text[start, end)` that say what their columns are, in order. */
export function tablesIn(text: string, start: number, end: number): Table[] {
  const tables: Table[] = [];
  const first = text.indexOf("|", start);
  if (first === -1 || first >= end) return tables;
  let rows: { readonly start: number; readonly line: string }[] = [];
  const close = (at: number): void => {
    const [header, second] = rows;
    // A table of Markdown says by its second row that the first is a header; elsewhere the first row of a long one is.
    const marked = second !== undefined && delimiterRow.test(second.line);
    const body = rows[marked ? 2 : 1];
    if (header && body && (marked || rows.length >= fewestRows) && isHeader(header.line, marked)) {
      tables.push({ start: body.start, end: at, header: header.line.trim() });
    }
    rows = [];
  };
  for (let from = text.lastIndexOf("\n", first) + 1; from < end; ) {
    const lineBreak = text.indexOf("\n", from);
    const to = lineBreak === -1 || lineBreak > end ? end : lineBreak;
    const line = text.slice(Math.max(from, start), to);
    // Only the beginnings of rows are of use, so lines of megabytes are not kept.
    if (line.includes("|")) rows.push({ start: from, line: rows.length < 2 ? line : "" });
    else if (rows.length > 0) close(from);
    from = to + 1;
  }
  if (rows.length > 0) close(end);
  return tables;
}
