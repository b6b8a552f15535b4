import type { ParseInput } from "../../core/ports.ts";
import type { Parsed } from "../../core/types.ts";
import { type Decoding, lostCharacters } from "./decode.ts";
import { throwIfAborted } from "./read-whole.ts";
import { noRecords, tooLargeFault } from "./record-faults.ts";
import { splitLines } from "./split-lines.ts";
import { utf8Stream } from "./utf8-stream.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The records of a file with one a line. A line that is too long is a fault of its own; the others stand. Bytes that are no
 * character in the file's encoding cost that character, which a fault at the end tells.
 *
 * @param parse of a line, numbered from 1 with blank lines counted; undefined for one that holds no record.
 * @throws `content_empty` when no line holds one.
 */
export async function* lineRecords(
  input: ParseInput,
  maxRecordBytes: number,
  parse: (text: string, line: number) => Parsed | undefined,
): AsyncGenerator<Parsed> {
  let found = false;
  let decoding: Decoding | undefined;
  const report = (told: Decoding): void => {
    decoding = told;
  };
  for await (const line of splitLines(utf8Stream(input.bytes, report), maxRecordBytes)) {
    throwIfAborted(input.signal);
    const id = String(line.number);
    let record: Parsed | undefined;
    if (line.bytes === undefined) record = tooLargeFault(id, `Line ${id}`, maxRecordBytes);
    else record = parse(decoder.decode(line.bytes), line.number);
    if (record === undefined) continue;
    found = true;
    yield record;
  }
  if (!found) throw noRecords(input, "every line is blank");
  const lost = decoding && lostCharacters(decoding);
  if (lost) yield lost;
}
