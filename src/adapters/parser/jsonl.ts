import type { Parser } from "../../core/ports.ts";

/**
 * Records of JSON: one object a line, the elements of one array, or objects one after the other, whatever lines they take;
 * see `jsonRecord` for what becomes of a record and `jsonMetadata` for what is kept beside its text. Blank lines are skipped.
 * A record without an id is known by its line, or by its number in an array; the second of an id has that added.
 */
export function createJsonlParser(maxRecordBytes: number): Parser {
  return {
    name: "jsonl",
    version: 5,
    records: true,
    async *parse(input) {
      const { jsonRecords } = await import("./json-records.ts");
      yield* jsonRecords(input, maxRecordBytes);
    },
  };
}
