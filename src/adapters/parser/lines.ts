import type { Parser } from "../../core/ports.ts";
import { cleanText } from "./clean.ts";
import { recordDocument } from "./document.ts";
import { lineRecords } from "./line-records.ts";

/** One document a line; blank lines are skipped. A record's id is its line number, from 1, blank lines counted. */
export function createLinesParser(maxRecordBytes: number): Parser {
  return {
    name: "lines",
    version: 2,
    records: true,
    parse: (input) =>
      lineRecords(input, maxRecordBytes, (line, number) => {
        const text = cleanText(line).trim();
        return text === "" ? undefined : recordDocument(String(number), "", text);
      }),
  };
}
