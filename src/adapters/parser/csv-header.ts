import { peekable } from "../../core/byte-stream.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { ParseInput } from "../../core/ports.ts";
import { csvFields } from "./csv-fields.ts";
import { type TableLayout, tableLayout } from "./csv-layout.ts";
import { type CsvRecord, csvRecords } from "./csv-records.ts";
import { columnNames } from "./csv-row.ts";
import type { Decoding } from "./decode.ts";
import { noRecords } from "./record-faults.ts";
import { quotedName } from "./source-name.ts";
import { splitLines } from "./split-lines.ts";
import { utf8Stream } from "./utf8-stream.ts";
import { withoutNul } from "./without-nul.ts";

// As much of a table as shows how it is written.
const sampleBytes = 65_536;

export interface Table {
  readonly layout: TableLayout;
  readonly columns: readonly string[];
  /** What stands below the header. */
  readonly records: AsyncIterable<CsvRecord>;
  /** Releases the source. */
  close(): Promise<void>;
}

/** Whether a record holds nothing but white space and controls, such as the mark by which DOS ends a file; one over the limit does not count as blank. */
export function isBlankLine(bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && bytes.length < 64 && bytes.every((byte) => byte <= 0x20);
}

/**
 * Opens a table: finds out how it is written, passes over what stands above it, and reads the header row where there is
 * one. The header decides about every other row, so a broken one fails the file.
 *
 * @param report is told at the end of the records what the file was read as.
 */
export async function openTable(
  input: ParseInput,
  declared: string | undefined,
  limit: number,
  report: (decoding: Decoding) => void,
): Promise<Table> {
  const stream = peekable(withoutNul(utf8Stream(input.bytes, report)), () => {});
  const head = await stream.peek(sampleBytes + 1);
  const beginning = new TextDecoder().decode(head.subarray(0, sampleBytes));
  const layout = tableLayout(beginning, declared, head.length <= sampleBytes);
  const lines = splitLines(stream.rest(), limit, layout.lineEnd);
  const close = async () => {
    await lines.return(undefined);
    await stream.close();
  };
  try {
    for (let line = 0; line < layout.linesAbove; line += 1) await lines.next();
    const records = csvRecords(lines, layout, layout.width, limit);
    const columns = layout.header ? await readHeader(input, layout, records, limit) : [];
    return { layout, columns, records, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readHeader(
  input: ParseInput,
  layout: TableLayout,
  records: AsyncIterator<CsvRecord>,
  limit: number,
): Promise<readonly string[]> {
  const bad = (why: string): IsthmusError =>
    new IsthmusError("parse_failed", `The header row of ${quotedName(input.uri)} ${why}.`);
  let next = await records.next();
  while (!next.done && isBlankLine(next.value.bytes)) next = await records.next();
  if (next.done) throw noRecords(input, "it has no header row");
  const { bytes, problem, quoteEscape } = next.value;
  if (problem === "too_large") {
    throw bad(`is over the limit of ${limit} bytes for one record; a quote in it may not be closed`);
  }
  const isGuess = quoteEscape === "outer" || (quoteEscape === "" && layout.mayQuote !== false);
  if (!bytes || isGuess)
    throw bad("is not a row of CSV: a quote in it is not closed, or stands in the middle of a field");
  const fields = csvFields(new TextDecoder().decode(bytes), { delimiter: layout.delimiter, quoteEscape });
  const [first = "", ...rest] = fields;
  // A header written as a comment.
  const names = layout.comments && first.startsWith("#") ? [first.replace(/^#\s*/, "") || "#", ...rest] : fields;
  return columnNames(layout.rowNames ? ["", ...names] : names);
}
