import { IsthmusError } from "../errors.ts";
import type { Cutting } from "../ingest/pipeline.ts";
import type { ParseInput, Parser } from "../ports.ts";
import { isLoss, type ParseFault } from "../types.ts";
import { beginningOf, wholeLines } from "./beginning.ts";
import { parts, type Tally } from "./sample-tally.ts";

function tell(fault: ParseFault, tally: Tally): void {
  if (isLoss(fault)) tally.fault();
}

/** A document that is small enough to be read whole. */
export async function readAll(parser: Parser, input: ParseInput, cutting: Cutting, tally: Tally): Promise<void> {
  for await (const item of parser.parse(input)) {
    if (item.kind === "fault") tell(item, tally);
    else await tally.document(item, cutting, undefined, input.signal);
  }
}

/** Records are counted by how far the parser has read; the last ones, which the cut may have broken, do not count. */
export async function readRecords(
  parser: Parser,
  input: ParseInput,
  cutting: Cutting,
  tally: Tally,
  limit: number,
): Promise<void> {
  const beginning = beginningOf(input.bytes, limit);
  let read = 0;
  for await (const item of parser.parse({ ...input, bytes: beginning.bytes })) {
    if (beginning.ended) {
      if (read > 0) break;
      // Not one record ended within the beginning. The start of a text is as good as a text; that of JSON is nothing.
      if (item.kind === "fault") throw hugeRecords(limit);
      tally.spread(0, parts);
      read = limit;
    }
    if (beginning.taken > read) {
      // Some parsers give the records of many bytes at once: they lie spread over these bytes.
      tally.spread((read / limit) * parts, (beginning.taken / limit) * parts);
      read = beginning.taken;
    }
    if (item.kind === "fault") tell(item, tally);
    else await tally.document(item, cutting, undefined, input.signal);
  }
  tally.spread(0, 0);
  tally.reached(read, limit);
}

/** A text is as good as its beginning; its chunks are told apart by where they stand in it. */
export async function readText(
  parser: Parser,
  input: ParseInput,
  cutting: Cutting,
  tally: Tally,
  limit: number,
): Promise<void> {
  const held: Uint8Array[] = [];
  for await (const piece of beginningOf(input.bytes, limit).bytes) held.push(piece);
  const bytes = wholeLines(Buffer.concat(held));
  async function* once() {
    yield bytes;
  }
  for await (const item of parser.parse({ ...input, bytes: once() })) {
    if (item.kind === "fault") continue;
    const { length } = item.text;
    await tally.document(item, cutting, (start) => Math.floor((start / length) * parts), input.signal);
  }
  tally.reached(bytes.length, bytes.length);
}

function hugeRecords(limit: number): IsthmusError {
  return new IsthmusError(
    "record_too_large",
    `No record ends within the first ${limit} bytes: nothing is known of it.`,
  );
}
