import { isUtf8 } from "node:buffer";
import type { ParseInput } from "../../core/ports.ts";
import type { Parsed } from "../../core/types.ts";
import { throwIfAborted } from "./read-whole.ts";
import { encodingFault, noRecords, tooLargeFault } from "./record-faults.ts";
import { splitLines } from "./split-lines.ts";
import { utf8Stream } from "./utf8-stream.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The records of a file with one a line. A line that is too long or no UTF-8 is a fault of its own; the others stand.
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
  for await (const line of splitLines(utf8Stream(input.bytes), maxRecordBytes)) {
    throwIfAborted(input.signal);
    const id = String(line.number);
    let record: Parsed | undefined;
    if (line.bytes === undefined) record = tooLargeFault(id, `Line ${id}`, maxRecordBytes);
    else if (!isUtf8(line.bytes)) record = encodingFault(id, `Line ${id}`);
    else record = parse(decoder.decode(line.bytes), line.number);
    if (record === undefined) continue;
    found = true;
    yield record;
  }
  if (!found) throw noRecords(input, "every line is blank");
}
