import { peekable } from "../../core/byte-stream.ts";
import type { ParseInput } from "../../core/ports.ts";
import type { Parsed } from "../../core/types.ts";
import { type Decoding, lostCharacters } from "./decode.ts";
import { jsonLayout } from "./json-layout.ts";
import { parseJson } from "./json-parse.ts";
import { jsonRecord } from "./json-record.ts";
import { jsonValues } from "./json-values.ts";
import { throwIfAborted } from "./read-whole.ts";
import { invalidFault, noRecords, tooLargeFault } from "./record-faults.ts";
import { createRecordIds } from "./record-ids.ts";
import { splitLines } from "./split-lines.ts";
import { utf8Stream } from "./utf8-stream.ts";
import { withoutNul } from "./without-nul.ts";

// As much of a file as shows how its records lie in it.
const sampleBytes = 65_536;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

interface Piece {
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
  readonly cut?: boolean;
}

/** The records of a file of JSON, see `createJsonlParser`. */
export async function* jsonRecords(input: ParseInput, maxRecordBytes: number): AsyncGenerator<Parsed> {
  let decoding: Decoding | undefined;
  const report = (told: Decoding): void => {
    decoding = told;
  };
  const stream = peekable(withoutNul(utf8Stream(input.bytes, report)), () => {});
  const distinctId = createRecordIds();
  let found = false;
  try {
    const { records, lineEnd } = jsonLayout(new TextDecoder().decode(await stream.peek(sampleBytes)));
    const pieces: AsyncIterable<Piece> =
      records === "lines"
        ? splitLines(stream.rest(), maxRecordBytes, lineEnd)
        : jsonValues(stream.rest(), maxRecordBytes);
    const read = ({ number, bytes, cut }: Piece): Parsed | undefined => {
      const id = String(number);
      const place = `${records === "lines" ? "Line" : "Value"} ${id}`;
      if (bytes === undefined) return tooLargeFault(id, place, maxRecordBytes);
      // Files that were put together have the mark of each before its first line.
      const json = decoder.decode(bytes).trim();
      if (json === "") return undefined;
      let value: unknown;
      try {
        value = parseJson(json);
      } catch {
        // The engine's own message quotes the text, which must not reach a log.
        const why = cut === true ? ": the file ends within it" : "";
        const wanted = records === "lines" ? ": each line must be one whole JSON object" : why;
        return invalidFault(id, `${place} is not valid JSON${wanted}.`);
      }
      return jsonRecord(value, number, place, distinctId);
    };
    for await (const piece of pieces) {
      throwIfAborted(input.signal);
      const record = read(piece);
      if (record === undefined) continue;
      found = true;
      yield record;
      if (piece.cut === true && record.kind === "document") {
        yield invalidFault(`${piece.number}`, `The file ends after value ${piece.number}: its array is not closed.`);
      }
    }
  } finally {
    await stream.close();
  }
  if (!found) throw noRecords(input, "nothing but blank lines or an empty array is in it");
  const lost = decoding && lostCharacters(decoding);
  if (lost) yield lost;
}
