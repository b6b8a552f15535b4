import { peekable } from "../byte-stream.ts";
import { type ErrorCode, IsthmusError, toIsthmusError } from "../errors.ts";
import type { Cutting } from "../ingest/pipeline.ts";
import { readAll, readRecords, readText } from "./read-beginning.ts";
import { createTally } from "./sample-tally.ts";
import type { Candidate } from "./stratum.ts";
import { noCounts, type Unit } from "./unit.ts";

/** Bytes that choose the parser, as in ingestion. */
const headBytes = 4096;

/** What may be wrong with a beginning and not with the whole: the record ends after all, and text follows. */
const beginningsAlone: ReadonlySet<ErrorCode> = new Set(["record_too_large", "content_empty", "content_blank"]);

/** What came of reading one document, or its beginning. */
export interface Reading {
  readonly outcome: "read" | "skipped" | "failed" | "empty";
  readonly error?: IsthmusError;
  /** It is known what an ingest makes of all of the document. */
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
  let piecewise = false;
  let many = false;
  try {
    const selection = cutting.registry.select(ref, await stream.peek(headBytes));
    if ("skip" in selection) return unused("skipped", selection.skip);
    const { parser, contentType } = selection;
    many = parser.records;
    if (!many && ref.size > maxFileBytes) return unused("failed", tooLarge(ref.size, maxFileBytes));
    piecewise = ref.size > limit && (many || contentType.startsWith("text/"));
    const input = { uri: ref.uri, contentType, bytes: stream.rest(), ...(signal && { signal }) };
    if (!piecewise) await readAll(parser, input, cutting, tally);
    else if (many) await readRecords(parser, input, cutting, tally, limit);
    else await readText(parser, input, cutting, tally, limit);
    const units = piecewise ? tally.units() : [{ ...tally.counts(), bytes: ref.size }];
    const outcome = units.some((unit) => unit.chunks > 0) ? "read" : "empty";
    return {
      outcome,
      whole: !piecewise,
      many,
      faults: tally.faults,
      units,
      texts: tally.texts(),
      bytes: taken,
    };
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    if (error.fatal || error.code === "source_not_found" || signal?.aborted === true) throw thrown;
    return unused(error.code === "content_empty" || error.code === "content_blank" ? "empty" : "failed", error);
  } finally {
    await stream.close();
  }

  function unused(outcome: Reading["outcome"], error: IsthmusError): Reading {
    const whole = !error.retryable && !(piecewise && beginningsAlone.has(error.code));
    const units = [{ ...noCounts, bytes: ref.size }];
    return { outcome, error, whole, many, faults: 0, units, texts: [], bytes: taken };
  }
}

/** Something is known of what the document holds, be it that it cannot be used. What may be read at another time tells nothing. */
export function tells({ error, whole }: Reading): boolean {
  return whole || error === undefined;
}

function tooLarge(size: number, limit: number): IsthmusError {
  return new IsthmusError("source_too_large", `It has ${size} bytes, over the limit of ${limit} for one document.`);
}
