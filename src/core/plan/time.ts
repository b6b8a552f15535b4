import type { Estimates } from "./estimate.ts";
import { exactly, greater, over, type Range, times } from "./range.ts";

/** How fast an ingest goes: chunks a second of the whole run as given, or tokens a second of embedding as measured. */
export type Rate =
  | { readonly kind: "given"; readonly chunksPerSecond: number }
  | { readonly kind: "measured"; readonly tokensPerSecond: Range };

export interface Duration {
  /** Seconds of work, over all pods. */
  readonly work: Range;
  /** Seconds until the last pod is through. */
  readonly elapsed: Range;
}

/**
 * The share of embedding alone that a whole ingest reaches: everything that it does beside embedding takes the rest.
 * Source: docs/performance.md, the `ingest` bench: 0.74 to 0.92 by CPU time, the quietest rounds about 0.85.
 */
const shareOfEmbedding: Range = { low: 0.74, expected: 0.85, high: 1 };

/**
 * @param largest what the largest single document holds: it cannot be split among pods.
 * @param shards pods that share the work evenly.
 */
export function durationOf(
  all: Pick<Estimates, "chunks" | "tokens">,
  largest: Pick<Estimates, "chunks" | "tokens">,
  rate: Rate,
  shards: number,
): Duration {
  const secondsOf = ({ chunks, tokens }: Pick<Estimates, "chunks" | "tokens">) =>
    rate.kind === "given"
      ? over(chunks, exactly(rate.chunksPerSecond))
      : over(tokens, times(rate.tokensPerSecond, shareOfEmbedding));
  const work = secondsOf(all);
  return { work, elapsed: greater(over(work, exactly(shards)), secondsOf(largest)) };
}
