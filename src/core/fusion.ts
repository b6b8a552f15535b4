import { present } from "./errors.ts";
import type { Rankings } from "./types.ts";

/** A chunk with its score in one ranking; higher is better. */
export interface ScoredChunk {
  readonly chunkId: string;
  readonly score: number;
}

/** A chunk with its score of both rankings together, 0 to 1, and where it stands in each. */
export interface FusedChunk extends ScoredChunk {
  readonly rankings: Rankings;
}

export interface FusionInput {
  /** Cosines, best first: the best `depth` of all chunks, or all there are. */
  readonly vector: readonly ScoredChunk[];
  /** BM25, best first, likewise. */
  readonly keyword: readonly ScoredChunk[];
  /** How many entries each ranking was asked for (`fusionDepth`). */
  readonly depth: number;
  /** How little the model knows of the question's words, 0 to 1; see `Embedder.unfamiliar`. */
  readonly unfamiliar?: number;
}

/** Chosen by evaluation; figures in docs/adr/0005. */
const weights = {
  /** Of the ranking by vector; the ranking by keyword has the rest. */
  vector: 0.75,
  /** More for keywords that stand out: at most this, for a hit that nothing comes near. */
  outstanding: 0.4,
  /** More for keywords whose words the model does not know: at most this, where it knows none. */
  unfamiliar: 1.4,
} as const;
/** A few unknown words in a long question weigh less than their share. */
const unfamiliarPower = 1.5;
/** A keyword hit stands out by what it has above the hit at this place (counted from 0). */
const crowd = 5;

/** How many candidates each ranking hands to the fusion when `limit` hits are wanted. */
export function fusionDepth(limit: number): number {
  return Math.max(100, limit);
}

/** What each ranking weighs in the fusion of a question whose words the model knows so little, before what stands out adds to keywords. */
export function fusionWeights(unfamiliar: number): { readonly vector: number; readonly keyword: number } {
  return { vector: weights.vector, keyword: 1 - weights.vector + weights.unfamiliar * unfamiliar ** unfamiliarPower };
}

/**
 * Joins two rankings into one: a convex combination of their scores, each as a share of the best of its ranking, so that a
 * weak hit stays weak. Two things add weight to keywords: a hit that stands out of its ranking (an identifier is in one
 * document, the words of a question are in many), and words that the model cannot know. Scores are 0 to 1: 1 is the best
 * in both rankings.
 *
 * A chunk that was cut off the ranking by vector is given the least score of what was not; one that the ranking by keyword
 * lacks has no word of the question, or hardly one, and has 0 there. Equal sums are ordered by chunk id, so the same input
 * gives the same order anywhere.
 */
export function fuse({ vector, keyword, depth, unfamiliar = 0 }: FusionInput): FusedChunk[] {
  const weight = fusionWeights(unfamiliar);
  const cosines = sharesOfBest(vector);
  const cutOff = vector.length >= depth ? present(cosines.at(-1), "the last of a full ranking") : 0;
  const matches = sharesOfBest(keyword);
  const near = matches[crowd] ?? 0;
  const standingOut = (match: number) => weights.outstanding * Math.max(0, match - near) ** 2;
  const sum = (cosine: number, match: number) => weight.vector * cosine + weight.keyword * match + standingOut(match);
  const best = keyword.length === 0 ? 1 : sum(1, 1);
  const fused = new Map<string, { rankings: Rankings; cosine: number; match: number }>();
  vector.forEach(({ chunkId, score }, at) => {
    fused.set(chunkId, {
      rankings: { vector: { rank: at + 1, score } },
      cosine: present(cosines[at], `cosine ${at}`),
      match: 0,
    });
  });
  keyword.forEach(({ chunkId, score }, at) => {
    const { rankings = {}, cosine = cutOff } = fused.get(chunkId) ?? {};
    const standing = { rank: at + 1, score };
    fused.set(chunkId, {
      rankings: { ...rankings, keyword: standing },
      cosine,
      match: present(matches[at], `match ${at}`),
    });
  });
  return rank(
    Array.from(fused, ([chunkId, { rankings, cosine, match }]) => ({
      chunkId,
      score: sum(cosine, match) / best,
      rankings,
    })),
  );
}

/** One ranking by itself, best first, in the same form. */
export function alone(mode: keyof Rankings, hits: readonly ScoredChunk[]): FusedChunk[] {
  return hits.map(({ chunkId, score }, at) => ({ chunkId, score, rankings: { [mode]: { rank: at + 1, score } } }));
}

/** Whether other chunks' scores depend on this one's: it is the best of a ranking, or what a keyword hit must stand out of. */
export function measuresOthers({ vector, keyword }: Rankings): boolean {
  return vector?.rank === 1 || (keyword !== undefined && keyword.rank <= crowd + 1);
}

/** Sorts in place, best first; ties by chunk id. */
export function rank<Scored extends ScoredChunk>(hits: Scored[]): Scored[] {
  return hits.sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : a.chunkId > b.chunkId ? 1 : 0));
}

/** 0 to 1, in order: 0 is no likeness at all (cosine 0, BM25 0), or the least of the ranking where that is less. */
function sharesOfBest(hits: readonly ScoredChunk[]): number[] {
  const floor = Math.min(0, hits.at(-1)?.score ?? 0);
  const spread = (hits[0]?.score ?? 0) - floor;
  return hits.map(({ score }) => (spread > 0 ? (score - floor) / spread : 1));
}
