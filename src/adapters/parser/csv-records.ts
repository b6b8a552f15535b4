import { type CsvDialect, countDelimiters, quoteState } from "./csv-dialect.ts";
import { csvFields } from "./csv-fields.ts";
import type { Line } from "./split-lines.ts";

/** The bytes of one record: a physical line, or several that a quoted field spans, or the reason why not. */
export interface CsvRecord {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly bytes: Uint8Array | undefined;
  /** How its quotes are written: a row may differ from its table. */
  readonly quoteEscape: CsvDialect["quoteEscape"];
  readonly problem?: "too_large" | "unclosed_quote" | "stray_quote";
}

const newline = Buffer.from("\n");
const decoder = new TextDecoder();

/** A pull of lines that takes lines back, so that reading can go on right after a line that was broken. */
function createLineQueue(lines: AsyncIterator<Line>): { next(): Promise<Line | undefined>; back(lines: Line[]): void } {
  let returned: Line[] = [];
  let at = 0;
  return {
    async next() {
      const first = returned[at];
      at += 1;
      if (first) return first;
      const pulled = await lines.next();
      return pulled.done ? undefined : pulled.value;
    },
    back(given) {
      returned = given.concat(returned.slice(at));
      at = 0;
    },
  };
}

function hasEscapedQuote(line: Uint8Array): boolean {
  return Buffer.from(line.buffer, line.byteOffset, line.length).includes('\\"');
}

/**
 * Groups lines into records by their quotes, holding at most `maxRecordBytes`. A line with broken quotes that has all fields
 * by its outer quotes, or by its delimiters alone, is read so. Another one costs its first line alone: reading goes on with the next line. A record over the limit is passed over to its closing quote,
 * unless the line after its first has as many columns as the header: then the quote was left open by mistake.
 *
 * @param columns that a row has.
 */
export async function* csvRecords(
  lines: AsyncIterator<Line>,
  dialect: CsvDialect,
  columns: number,
  maxRecordBytes: number,
): AsyncGenerator<CsvRecord> {
  const { delimiter } = dialect;
  const queue = createLineQueue(lines);
  const looksLikeRow = (line: Line | undefined): boolean =>
    columns > 1 && line?.bytes !== undefined && countDelimiters(decoder.decode(line.bytes), delimiter) === columns - 1;
  // Of a row whose quotes are signs like any other.
  const hasAllFields = (line: Line | undefined): boolean =>
    columns > 1 && line?.bytes !== undefined && decoder.decode(line.bytes).split(delimiter).length === columns;
  const readableAs = (line: Line): CsvDialect["quoteEscape"] | undefined => {
    if (columns < 2 || line.bytes === undefined) return undefined;
    const text = decoder.decode(line.bytes);
    return (["outer", ""] as const).find(
      (quoteEscape) => csvFields(text, { delimiter, quoteEscape }).length === columns,
    );
  };

  for (let first = await queue.next(); first; first = await queue.next()) {
    const start = { line: first.number, quoteEscape: dialect.quoteEscape };
    if (first.bytes === undefined) {
      yield { ...start, bytes: undefined, problem: "too_large" };
      continue;
    }
    let state = quoteState(first.bytes, dialect, false);
    if (state === "invalid" && dialect.quoteEscape === '"' && hasEscapedQuote(first.bytes)) {
      // Quotes of a table are written in one way, but a program may have joined tables of two.
      start.quoteEscape = "\\";
      state = quoteState(first.bytes, { delimiter, quoteEscape: "\\" }, false) === "closed" ? "closed" : "invalid";
    }
    if (dialect.mayQuote === false && state !== "closed" && hasAllFields(first)) {
      // In a table without quoted fields, a quote that is not closed on a whole row is one of its signs.
      const next = state === "open" ? await queue.next() : undefined;
      if (next) queue.back([next]);
      if (next === undefined || hasAllFields(next)) {
        yield { ...start, quoteEscape: "", bytes: first.bytes };
        continue;
      }
    }
    const more: Line[] = [];
    let parts: Uint8Array[] = [first.bytes];
    let size = first.size;
    let passedOver = false;
    while (state === "open") {
      const next = await queue.next();
      if (next === undefined) break;
      // What a line over the limit ends with is unknown; the best guess is that it ends the record.
      state = next.bytes === undefined ? "closed" : quoteState(next.bytes, dialect, true);
      size += 1 + next.size;
      if (passedOver) continue;
      more.push(next);
      if (next.bytes) parts.push(newline, next.bytes);
      if (size <= maxRecordBytes) continue;
      if (looksLikeRow(more[0])) {
        state = "invalid";
        break;
      }
      passedOver = true;
      more.length = 0;
      parts = [];
    }
    if (passedOver) yield { ...start, bytes: undefined, problem: "too_large" };
    else if (state === "closed") yield { ...start, bytes: parts.length === 1 ? parts[0] : Buffer.concat(parts) };
    else {
      const readable = readableAs(first);
      if (readable !== undefined) yield { ...start, quoteEscape: readable, bytes: first.bytes };
      else yield { ...start, bytes: undefined, problem: state === "open" ? "unclosed_quote" : "stray_quote" };
      queue.back(more);
    }
  }
}
