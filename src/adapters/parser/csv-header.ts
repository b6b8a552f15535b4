import { isUtf8 } from "node:buffer";
import { IsthmusError } from "../../core/errors.ts";
import type { ParseInput } from "../../core/ports.ts";
import { guessDelimiter, quoteState } from "./csv-dialect.ts";
import { columnNames, csvFields } from "./csv-row.ts";
import { noRecords } from "./record-faults.ts";
import { quotedName } from "./source-name.ts";
import type { Line } from "./split-lines.ts";

export interface Table {
  readonly delimiter: string;
  readonly columns: readonly string[];
}

/** Whether a line holds white space alone; one over the limit does not count as blank. */
export function isBlankLine(bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && bytes.length < 64 && Buffer.from(bytes).toString("latin1").trim() === "";
}

/** Reads the header row; it decides about every other row, so a broken one fails the file. */
export async function readHeader(
  input: ParseInput,
  lines: AsyncIterator<Line>,
  tsv: boolean,
  limit: number,
): Promise<Table> {
  const bad = (why: string): IsthmusError =>
    new IsthmusError("parse_failed", `The header row of ${quotedName(input.uri)} ${why}.`);
  let delimiter = tsv ? "\t" : undefined;
  const nextLine = async (): Promise<Line | undefined> => {
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      if (isBlankLine(next.value.bytes)) continue;
      // Spreadsheets write the delimiter above the header.
      const [, declared] = /^sep=(.)$/i.exec(Buffer.from(next.value.bytes ?? []).toString("latin1")) ?? [];
      if (declared === undefined || delimiter !== undefined) return next.value;
      delimiter = declared;
    }
    return undefined;
  };
  const first = await nextLine();
  if (first === undefined) throw noRecords(input, "it has no header row");
  const tooLarge = `is over the limit of ${limit} bytes for one record; a quote in it may not be closed`;
  if (first.bytes === undefined) throw bad(tooLarge);
  delimiter ??= guessDelimiter(Buffer.from(first.bytes).toString("utf8"));
  let header = first.bytes;
  // A column name may span lines.
  for (let state = quoteState(header, delimiter, false); state === "open"; ) {
    const next = await lines.next();
    if (next.done) break;
    if (next.value.bytes === undefined || header.length + next.value.size >= limit) throw bad(tooLarge);
    header = Buffer.concat([header, Buffer.from("\n"), next.value.bytes]);
    state = quoteState(next.value.bytes, delimiter, true);
  }
  if (!isUtf8(header)) throw new IsthmusError("content_encoding", bad("is not valid UTF-8; save it as UTF-8").message);
  const [fields] = csvFields([header], delimiter);
  if (!fields) throw bad("is not a row of CSV: a quote in it is not closed, or stands in the middle of a field");
  return { delimiter, columns: columnNames(fields) };
}
