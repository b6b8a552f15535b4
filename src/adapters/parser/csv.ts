import type { Parser } from "../../core/ports.ts";
import type { Parsed, ParseFault } from "../../core/types.ts";
import { isBlankLine, readHeader, type Table } from "./csv-header.ts";
import { type CsvRecord, csvRecords } from "./csv-records.ts";
import { columnRoles, csvFields, rowDocument } from "./csv-row.ts";
import { type Decoding, lostCharacters } from "./decode.ts";
import { throwIfAborted } from "./read-whole.ts";
import { invalidFault, noRecords, tooLargeFault } from "./record-faults.ts";
import { splitLines } from "./split-lines.ts";
import { utf8Stream } from "./utf8-stream.ts";

// Rows are read in batches, since csv-parse takes about 100 microseconds to set up and a tenth of that for a row.
const batchBytes = 65_536;
const batchRows = 256;

interface Row {
  readonly number: number;
  readonly record: CsvRecord;
}

function faultOf({ number, record }: Row, maxRecordBytes: number): ParseFault | undefined {
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

/** The rows of a batch in their order, faults among them. */
function* readBatch(batch: readonly Row[], table: Table, maxRecordBytes: number): Generator<Parsed> {
  const faults = batch.map((row) => faultOf(row, maxRecordBytes));
  const sound = batch.flatMap(({ record }, index) => (record.bytes && !faults[index] ? [record.bytes] : []));
  const rows = csvFields(sound, table.delimiter).values();
  const roles = columnRoles(table.columns);
  for (const [index, { number, record }] of batch.entries()) {
    const fault = faults[index];
    if (fault) {
      yield fault;
      continue;
    }
    const fields = rows.next().value;
    const document = fields && rowDocument(fields, table.columns, roles, number);
    if (document) yield document;
    else if (!fields) yield invalidFault(String(number), `Row ${number} (line ${record.line}) is not a row of CSV.`);
  }
}

/**
 * CSV with a header row, a record a row; `id` (or `_id`), `title` and `text` (or `content`, `body`) columns have their
 * meaning, see `rowDocument`. Separated by commas, or by semicolons, tabs or bars where the header is; TSV by tabs. A
 * record without an id is known by its row number, from 1, the header and blank lines not counted.
 */
export function createCsvParser(maxRecordBytes: number): Parser {
  return {
    name: "csv",
    version: 2,
    records: true,
    async *parse(input) {
      let decoding: Decoding | undefined;
      const report = (told: Decoding): void => {
        decoding = told;
      };
      const lines = splitLines(utf8Stream(input.bytes, report), maxRecordBytes);
      try {
        const table = await readHeader(input, lines, input.contentType === "text/tab-separated-values", maxRecordBytes);
        const dialect = { delimiter: table.delimiter, columns: table.columns.length };
        let batch: Row[] = [];
        let held = 0;
        let number = 0;
        let found = false;
        for await (const record of csvRecords(lines, dialect, maxRecordBytes)) {
          throwIfAborted(input.signal);
          if (isBlankLine(record.bytes)) continue;
          number += 1;
          batch.push({ number, record });
          held += record.bytes?.length ?? 0;
          if (held < batchBytes && batch.length < batchRows) continue;
          for (const parsed of readBatch(batch, table, maxRecordBytes)) {
            found = true;
            yield parsed;
          }
          batch = [];
          held = 0;
        }
        for (const parsed of readBatch(batch, table, maxRecordBytes)) {
          found = true;
          yield parsed;
        }
        if (!found) throw noRecords(input, "nothing stands below its header row");
        const lost = decoding && lostCharacters(decoding);
        if (lost) yield lost;
      } finally {
        await lines.return(undefined);
      }
    },
  };
}
