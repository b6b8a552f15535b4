import { IsthmusError } from "./errors.ts";
import { type Judgements, scoreRanking } from "./metrics.ts";
import type { SearchMode } from "./types.ts";

/** The cut of every score that `evaluate` gives. */
export const evaluationCut = 10;

export const evaluationModes = ["vector", "keyword", "hybrid"] as const satisfies readonly SearchMode[];

export interface EvaluationQuery {
  readonly id: string;
  readonly text: string;
}

/** Means over the judged queries, each 0 to 1. */
export interface MeanScores {
  readonly "ndcg@10": number;
  readonly "recall@10": number;
  readonly "mrr@10": number;
}

export type Evaluation = Readonly<Record<SearchMode, MeanScores>>;

export interface EvaluationProgress {
  /** Queries done, of `total`, each in all modes. */
  readonly done: number;
  readonly total: number;
}

export interface EvaluationInput {
  readonly queries: readonly EvaluationQuery[];
  /** By query id. A query without judgements is neither run nor counted. */
  readonly judgements: ReadonlyMap<string, Judgements>;
  /**
   * Document ids, best first (`rankDocuments` makes them from hits). Called one at a time, the modes of a query one
   * after another, so that a caller can keep the vector of the last text.
   */
  readonly search: (text: string, mode: SearchMode, signal?: AbortSignal) => Promise<readonly string[]>;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs every judged query in every mode and averages the scores.
 *
 * @throws `query_invalid` when no query has judgements, `cancelled` by the signal, and whatever `search` throws.
 */
export async function evaluate(input: EvaluationInput): Promise<Evaluation> {
  const judged = input.queries.filter((query) => (input.judgements.get(query.id)?.size ?? 0) > 0);
  const rankings: Record<SearchMode, Map<string, readonly string[]>> = {
    vector: new Map(),
    keyword: new Map(),
    hybrid: new Map(),
  };
  let done = 0;
  for (const query of judged) {
    for (const mode of evaluationModes) {
      if (input.signal?.aborted) throw new IsthmusError("cancelled", "The evaluation was stopped before its end.");
      rankings[mode].set(query.id, await input.search(query.text, mode, input.signal));
    }
    done += 1;
    input.onProgress?.({ done, total: judged.length });
  }
  return {
    vector: evaluateRun(rankings.vector, input.judgements),
    keyword: evaluateRun(rankings.keyword, input.judgements),
    hybrid: evaluateRun(rankings.hybrid, input.judgements),
  };
}

/**
 * Mean scores of one run. Every query of the run that has judgements counts: an empty ranking scores 0, and so does a
 * query whose judgements name nothing relevant (as trec_eval averages).
 *
 * @param rankings document ids, best first, by query id.
 * @throws `query_invalid` when no query of the run has judgements.
 */
export function evaluateRun(
  rankings: ReadonlyMap<string, readonly string[]>,
  judgements: ReadonlyMap<string, Judgements>,
): MeanScores {
  let queries = 0;
  const sums = { ndcg: 0, recall: 0, reciprocalRank: 0 };
  for (const [queryId, ranking] of rankings) {
    const judged = judgements.get(queryId);
    if (judged === undefined || judged.size === 0) continue;
    const scores = scoreRanking(ranking, judged, evaluationCut);
    sums.ndcg += scores.ndcg;
    sums.recall += scores.recall;
    sums.reciprocalRank += scores.reciprocalRank;
    queries += 1;
  }
  if (queries === 0) {
    throw new IsthmusError(
      "query_invalid",
      `None of the ${rankings.size} queries has judgements; check that the query ids in qrels and queries.jsonl match.`,
    );
  }
  return {
    "ndcg@10": sums.ndcg / queries,
    "recall@10": sums.recall / queries,
    "mrr@10": sums.reciprocalRank / queries,
  };
}

/**
 * Ranks documents by their best chunk.
 *
 * @param hits chunks in any order; equal scores keep the order given.
 * @param documentId of a hit; undefined leaves the hit out.
 */
export function rankDocuments<Scored extends { readonly score: number }>(
  hits: readonly Scored[],
  documentId: (hit: Scored) => string | undefined,
): string[] {
  const ranked = new Set<string>();
  for (const hit of hits.toSorted((left, right) => right.score - left.score)) {
    const id = documentId(hit);
    if (id !== undefined) ranked.add(id);
  }
  return [...ranked];
}
