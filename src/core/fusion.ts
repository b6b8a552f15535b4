/** A chunk with its score in one ranking; higher is better. */
export interface ScoredChunk {
  readonly chunkId: string;
  readonly score: number;
}

/** Weight of the vector ranking in `hybrid`; the keyword ranking has the rest. Chosen by evaluation (docs/adr/0005). */
export const DEFAULT_VECTOR_WEIGHT = 0.6;

/** How many candidates each ranking hands to the fusion when `limit` hits are wanted. */
export function fusionDepth(limit: number): number {
  return Math.max(100, limit);
}

/**
 * Joins two rankings into one: the convex combination of their min-max normalised scores, 0 to 1. A chunk that one
 * ranking lacks has 0 there: it could only stand below that list's last entry, which is 0 itself. Where all scores of
 * a list are the same, all are 1. Equal sums are ordered by chunk id, so the same input gives the same order anywhere.
 */
export function fuse(
  vectorHits: readonly ScoredChunk[],
  keywordHits: readonly ScoredChunk[],
  weights: { readonly vectorWeight: number } = { vectorWeight: DEFAULT_VECTOR_WEIGHT },
): ScoredChunk[] {
  const sums = new Map<string, number>();
  addNormalised(sums, vectorHits, weights.vectorWeight);
  addNormalised(sums, keywordHits, 1 - weights.vectorWeight);
  return rank(Array.from(sums, ([chunkId, score]) => ({ chunkId, score })));
}

/** Sorts in place, best first; ties by chunk id. */
export function rank<Scored extends ScoredChunk>(hits: Scored[]): Scored[] {
  return hits.sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : a.chunkId > b.chunkId ? 1 : 0));
}

function addNormalised(sums: Map<string, number>, hits: readonly ScoredChunk[], weight: number): void {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const { score } of hits) {
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  const spread = highest - lowest;
  for (const { chunkId, score } of hits) {
    const normalised = spread > 0 ? (score - lowest) / spread : 1;
    sums.set(chunkId, (sums.get(chunkId) ?? 0) + weight * normalised);
  }
}
