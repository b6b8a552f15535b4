import type { Parser } from "../../core/ports.ts";

/**
 * CSV and TSV, a record a row. How the table is written and what stands above it is found out from its beginning, see
 * `tableLayout`. `id` (or `_id`), `title` and `text` columns have their meaning, see `columnRoles` and `rowDocument`. A record
 * without an id is known by its row number, from 1, the header and blank lines not counted; the second of an id has its row
 * number added.
 */
export function createCsvParser(maxRecordBytes: number): Parser {
  return {
    name: "csv",
    version: 5,
    records: true,
    async *parse(input) {
      const { csvRows } = await import("./csv-rows.ts");
      yield* csvRows(input, maxRecordBytes);
    },
  };
}
