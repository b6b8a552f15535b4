import type { ParseInput } from "../../core/ports.ts";
import type { Parsed, ParseFault } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";
import { csvFields } from "./csv-fields.ts";
import { isBlankLine, openTable } from "./csv-header.ts";
import type { CsvRecord } from "./csv-records.ts";
import { columnRoles, rowDocument } from "./csv-row.ts";
import { type Decoding, lostCharacters } from "./decode.ts";
import { throwIfAborted } from "./read-whole.ts";
import { invalidFault, noRecords, tooLargeFault } from "./record-faults.ts";
import { createRecordIds } from "./record-ids.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function faultOf(record: CsvRecord, number: number, maxRecordBytes: number): ParseFault | undefined {
  const id = String(number);
  const place = `Row ${number} (line ${record.line})`;
  if (record.problem === "too_large") {
    return tooLargeFault(
      id,
      place,
      maxRecordBytes,
      " If the row is not meant to be that long, a quote in it is not closed.",
    );
  }
  if (record.problem === "unclosed_quote") {
    return invalidFault(id, `${place} opens a quoted field that is never closed. Close the quote, or double it ("").`);
  }
  if (record.problem === "stray_quote") {
    return invalidFault(
      id,
      `${place} has a quote in the middle of a quoted field. Write quotes inside a field twice ("").`,
    );
  }
  return undefined;
}

function isComment([first, ...rest]: readonly string[], possible: boolean): boolean {
  return possible && rest.length === 0 && first?.startsWith("#") === true;
}

/** The rows of a table as records, see `createCsvParser`. */
export async function* csvRows(input: ParseInput, maxRecordBytes: number): AsyncGenerator<Parsed> {
  const declared = input.contentType === "text/tab-separated-values" ? "\t" : undefined;
  let decoding: Decoding | undefined;
  const report = (told: Decoding): void => {
    decoding = told;
  };
  const table = await openTable(input, declared, maxRecordBytes, report);
  const { layout, columns } = table;
  const roles = columnRoles(columns, layout.prose, layout.repeated);
  // Row numbers alone are distinct as they are.
  const distinctId = roles.id === -1 ? (id: string) => id : createRecordIds();
  const context = { columns, roles, tableTitle: cleanLine(layout.title), distinctId };
  const mayComment = layout.comments && columns.length > 1;
  const read = (record: CsvRecord, number: number): Parsed | undefined => {
    const fault = faultOf(record, number, maxRecordBytes);
    if (fault) return fault;
    const dialect = { delimiter: layout.delimiter, quoteEscape: record.quoteEscape };
    const fields = csvFields(decoder.decode(record.bytes), dialect);
    return isComment(fields, mayComment) ? undefined : rowDocument(fields, context, number);
  };
  try {
    let number = 0;
    let found = false;
    for await (const record of table.records) {
      throwIfAborted(input.signal);
      if (isBlankLine(record.bytes)) continue;
      number += 1;
      const parsed = read(record, number);
      if (!parsed) continue;
      found = true;
      yield parsed;
    }
    if (!found) {
      throw noRecords(input, layout.header ? "nothing stands below its header row" : "no row holds a value");
    }
    const lost = decoding && lostCharacters(decoding);
    if (lost) yield lost;
  } finally {
    await table.close();
  }
}
