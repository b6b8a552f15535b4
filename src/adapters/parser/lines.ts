import { isUtf8 } from "node:buffer";
import type { Parser } from "../../core/ports.ts";
import { cleanText } from "./clean.ts";
import { recordDocument } from "./document.ts";
import { throwIfAborted } from "./read-whole.ts";
import { encodingFault, noRecords, tooLargeFault } from "./record-faults.ts";
import { splitLines } from "./split-lines.ts";
import { utf8Stream } from "./utf8-stream.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One document a line; blank lines are skipped. A record's id is its line number, from 1, blank lines counted. */
export function createLinesParser(maxRecordBytes: number): Parser {
  return {
    name: "lines",
    version: 1,
    records: true,
    async *parse(input) {
      let found = false;
      for await (const line of splitLines(utf8Stream(input.bytes), maxRecordBytes)) {
        throwIfAborted(input.signal);
        const id = String(line.number);
        const place = `Line ${id}`;
        if (line.bytes === undefined) yield tooLargeFault(id, place, maxRecordBytes);
        else if (!isUtf8(line.bytes)) yield encodingFault(id, place);
        else {
          const text = cleanText(decoder.decode(line.bytes)).trim();
          if (text === "") continue;
          yield recordDocument(id, "", text);
        }
        found = true;
      }
      if (!found) throw noRecords(input, "every line is blank");
    },
  };
}
