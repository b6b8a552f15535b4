import { peekable } from "../byte-stream.ts";
import { chunkDocument } from "../chunking/chunk.ts";
import { IsthmusError, toIsthmusError } from "../errors.ts";
import type { Cutting } from "../ingest/pipeline.ts";
import type { ParseInput, Parser } from "../ports.ts";
import type { ParsedDocument } from "../types.ts";
import { beginningOf, wholeLines } from "./beginning.ts";
import type { Candidate } from "./stratum.ts";
import { createTextSample } from "./text-sample.ts";
import { addCounts, type Counts, noCounts, timesCounts, type Unit } from "./unit.ts";

/** Bytes that choose the parser, as in ingestion. */
const headBytes = 4096;
/** Parts of a document that was read by its beginning: how much they differ tells how much the rest may. */
const parts = 32;
/** Texts kept of one document, for the measurement of the rate. */
const textsKept = 64;

/** What came of reading one document, or its beginning. */
export interface Reading {
  readonly outcome: "read" | "skipped" | "failed" | "empty";
  readonly error?: IsthmusError;
  /** All of the document was read. */
  readonly whole: boolean;
  /** It is a file of many documents. */
  readonly many: boolean;
  /** Records that could not be used. */
  readonly faults: number;
  /** One for a whole document, one for each part of a beginning. */
  readonly units: readonly Unit[];
  /** Some of the texts that would be embedded. */
  readonly texts: readonly string[];
  /** Bytes taken from the source. */
  readonly bytes: number;
}

type Tally = ReturnType<typeof createTally>;

/**
 * Reads, parses and cuts one document as an ingest would, and keeps none of it. Of a document larger than `limit` only the
 * beginning is read, where its parser can do with that.
 *
 * @throws what ends a run: a fatal error, or a source that is gone.
 */
export async function readSample(
  { source, ref }: Candidate,
  cutting: Cutting,
  limit: number,
  maxFileBytes: number,
  signal?: AbortSignal,
): Promise<Reading> {
  let taken = 0;
  const stream = peekable(source.read(ref, signal), (count) => {
    taken += count;
  });
  const tally = createTally();
  try {
    const selection = cutting.registry.select(ref, await stream.peek(headBytes));
    if ("skip" in selection) return unused("skipped", selection.skip);
    const { parser, contentType } = selection;
    if (!parser.records && ref.size > maxFileBytes) return unused("failed", tooLarge(ref.size, maxFileBytes));
    const piecewise = ref.size > limit && (parser.records || contentType.startsWith("text/"));
    const input = { uri: ref.uri, contentType, bytes: stream.rest(), ...(signal && { signal }) };
    if (!piecewise) await readAll(parser, input, cutting, tally);
    else if (parser.records) await readRecords(parser, input, cutting, tally, limit);
    else await readText(parser, input, cutting, tally, limit);
    const units = piecewise ? tally.units() : [{ ...tally.counts(), bytes: ref.size }];
    const outcome = units.some((unit) => unit.chunks > 0) ? "read" : "empty";
    return {
      outcome,
      whole: !piecewise,
      many: parser.records,
      faults: tally.faults,
      units,
      texts: tally.texts(),
      bytes: taken,
    };
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    if (error.fatal || error.code === "source_not_found" || signal?.aborted === true) throw thrown;
    return unused(error.code === "content_empty" ? "empty" : "failed", error);
  } finally {
    await stream.close();
  }

  function unused(outcome: Reading["outcome"], error: IsthmusError): Reading {
    const units = [{ ...noCounts, bytes: ref.size }];
    return { outcome, error, whole: true, many: false, faults: 0, units, texts: [], bytes: taken };
  }
}

async function readAll(parser: Parser, input: ParseInput, cutting: Cutting, tally: Tally): Promise<void> {
  for await (const item of parser.parse(input)) {
    if (item.kind === "fault") tally.fault();
    else await tally.document(item, cutting, undefined, input.signal);
  }
}

/** Records are counted by how far the parser has read; the last ones, which the cut may have broken, do not count. */
async function readRecords(
  parser: Parser,
  input: ParseInput,
  cutting: Cutting,
  tally: Tally,
  limit: number,
): Promise<void> {
  const beginning = beginningOf(input.bytes, limit);
  let read = 0;
  for await (const item of parser.parse({ ...input, bytes: beginning.bytes })) {
    if (beginning.ended) break;
    if (beginning.taken > read) {
      // Some parsers give the records of many bytes at once: they lie spread over these bytes.
      tally.spread((read / limit) * parts, (beginning.taken / limit) * parts);
      read = beginning.taken;
    }
    if (item.kind === "fault") tally.fault();
    else await tally.document(item, cutting, undefined, input.signal);
  }
  tally.spread(0, 0);
  // Not one record ended within the beginning: they are huge, and all that can be said is that there is one.
  tally.reached(read === 0 ? limit : read, limit);
}

/** A text is as good as its beginning; its chunks are told apart by where they stand in it. */
async function readText(
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

function createTally() {
  const counted: Counts[] = [];
  const texts = createTextSample(textsKept);
  let faults = 0;
  let step = 0;
  let last = 0;
  let held = noCounts;
  let span = { from: 0, to: 1 };
  const add = (part: number | undefined, counts: Counts) => {
    if (part === undefined) held = addCounts(held, counts);
    else counted[part] = addCounts(counted[part] ?? noCounts, counts);
  };
  const flush = () => {
    const { from, to } = span;
    for (let part = Math.floor(from); part < to; part++) {
      const share = (Math.min(to, part + 1) - Math.max(from, part)) / (to - from);
      if (share > 0) add(part, timesCounts(held, share));
    }
    held = noCounts;
  };
  return {
    get faults() {
      return faults;
    },
    fault: () => void faults++,
    /** What comes from here on lies between these, in parts; what came before goes where it was said to. */
    spread(from: number, to: number): void {
      flush();
      span = { from, to };
    },
    async document(
      document: ParsedDocument,
      cutting: Cutting,
      partOf: ((start: number) => number) | undefined,
      signal: AbortSignal | undefined,
    ): Promise<void> {
      const chunking = await cutting.chunking(signal);
      add(partOf?.(0), { ...noCounts, records: 1 });
      for (const { embedded, content, start } of chunkDocument(document, chunking)) {
        texts.add(embedded);
        add(partOf?.(start), {
          records: 0,
          chunks: 1,
          characters: content.length,
          textBytes: Buffer.byteLength(embedded),
          tokens: chunking.countTokens(embedded) + 2,
        });
      }
    },
    /** How many bytes of the beginning count, and how many it has. */
    reached(bytes: number, of: number): void {
      step = of / parts;
      last = bytes;
    },
    /** Of a document that was read whole. */
    counts: () => held,
    units(): Unit[] {
      const count = Math.max(1, Math.ceil(last / step));
      return Array.from({ length: count }, (_, part) => ({
        ...(counted[part] ?? noCounts),
        bytes: Math.min(step, last - part * step),
      }));
    },
    texts: () => texts.all(),
  };
}

function tooLarge(size: number, limit: number): IsthmusError {
  return new IsthmusError("source_too_large", `It has ${size} bytes, over the limit of ${limit} for one document.`);
}
