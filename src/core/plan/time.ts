import type { Estimates } from "./estimate.ts";
import { exactly, greater, over, plus, type Range, times } from "./range.ts";
import type { StoreKind } from "./storage.ts";

/** How fast an ingest goes: chunks a second of the whole run as given, or tokens a second of embedding alone as measured. */
export type Rate =
  | { readonly kind: "given"; readonly chunksPerSecond: number }
  | { readonly kind: "measured"; readonly tokensPerSecond: Range; readonly store: StoreKind };

/** What an ingest has to do. */
export interface Load extends Pick<Estimates, "chunks" | "tokens"> {
  /** Files and objects, whatever they hold. */
  readonly documents: number;
}

export interface Duration {
  /** Seconds of work, over all pods. */
  readonly work: Range;
  /** Seconds until the last pod is through. */
  readonly elapsed: Range;
}

/**
 * Milliseconds that an ingest takes beside embedding: for each chunk, and for each document besides, which is listed, read,
 * hashed and committed by itself. They hardly depend on how long the texts are, so that they are most of the time of short ones.
 *
 * From bench/results (AMD EPYC, 2 cores, AVX-512 VNNI, 2026-11-24; `ingest`, `growth`, `memory`, `rerun`): the time of a whole
 * ingest, lines of one file and separate files, less that of embedding alone. They are not scaled by the rate measured: VNNI
 * and more cores speed embedding several times over, while nearly all of this is plain code on one thread. What they
 * differed by between 1,000 and 200,000 documents, sentences and passages, quiet and busy hours is in `scatter`; and so is some
 * of what another machine's may.
 */
const beside: Readonly<Record<StoreKind, { readonly chunk: number; readonly document: number }>> = {
  sqlite: { chunk: 0.3, document: 0.85 },
  weaviate: { chunk: 0.85, document: 1.45 },
};
const scatter: Range = { low: 0.4, expected: 1, high: 2.5 };
/** A rate of some seconds is not that of hours: the same first ingest of `rerun` took 86 s and, later that day, 102 to 109. */
const drift: Range = { low: 0.85, expected: 1, high: 1.2 };
/** Seconds until the first text is embedded: code and model are loaded, the store opened. From the same results. */
const start: Range = { low: 0.2, expected: 0.6, high: 2 };

/** Chunks a second of one pod under way. Of the expected load: how much there is is another question than how fast it goes. */
export function speedOf({ documents, chunks, tokens }: Load, rate: Rate): Range | undefined {
  if (rate.kind === "given") return exactly(rate.chunksPerSecond);
  if (chunks.expected === 0) return undefined;
  const expected = { documents, chunks: exactly(chunks.expected), tokens: exactly(tokens.expected) };
  return over(expected.chunks, secondsOf(expected, rate));
}

/**
 * @param largest the largest single document: it cannot be split among pods.
 * @param shards pods that share the work evenly.
 */
export function durationOf(all: Load, largest: Load, rate: Rate, shards: number): Duration {
  const starting = rate.kind === "given" ? exactly(0) : start;
  const work = plus(times(starting, exactly(shards)), secondsOf(all, rate));
  return { work, elapsed: greater(over(work, exactly(shards)), plus(starting, secondsOf(largest, rate))) };
}

function secondsOf({ documents, chunks, tokens }: Load, rate: Rate): Range {
  if (rate.kind === "given") return over(chunks, exactly(rate.chunksPerSecond));
  const { chunk, document } = beside[rate.store];
  const others = plus(times(chunks, exactly(chunk / 1000)), exactly((documents * document) / 1000));
  return plus(over(tokens, times(rate.tokensPerSecond, drift)), times(others, scatter));
}
