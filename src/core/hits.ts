import { IsthmusError } from "./errors.ts";
import type { Hit, SearchMode } from "./types.ts";

/** Sums of float32 products may leave their range by this much. */
const ROUNDING = 1e-4;

/** Least and greatest score by mode: a cosine, BM25, a convex combination of both normalised. */
const RANGES: Readonly<Record<SearchMode, readonly [number, number]>> = {
  vector: [-1, 1],
  keyword: [0, Number.MAX_VALUE],
  hybrid: [0, 1],
};

/**
 * What must hold of the hits of any search, whatever is stored: each chunk once, best first, scores in their range, no more
 * than wanted.
 * @returns the hits as they are.
 * @throws `internal`, naming what is broken.
 */
export function soundHits<Sound extends Pick<Hit, "chunkId" | "score">>(
  hits: readonly Sound[],
  { mode, limit }: { readonly mode: SearchMode; readonly limit: number },
): readonly Sound[] {
  const [least, greatest] = RANGES[mode];
  const seen = new Set<string>();
  let above = Number.POSITIVE_INFINITY;
  if (hits.length > limit) throw broken(`${hits.length} hits where ${limit} were wanted`);
  for (const { chunkId, score } of hits) {
    if (seen.has(chunkId)) throw broken(`chunk ${chunkId} was found twice by one ${mode} search`);
    if (!(score >= least - ROUNDING && score <= greatest + ROUNDING)) {
      throw broken(`a score of ${score} by ${mode}, where ${least} to ${greatest} can be`);
    }
    if (score > above) throw broken(`a hit with the score ${score} below one with ${above}`);
    seen.add(chunkId);
    above = score;
  }
  return hits;
}

function broken(what: string): IsthmusError {
  return new IsthmusError("internal", `A search broke one of its own rules: ${what}. Please report it.`);
}
