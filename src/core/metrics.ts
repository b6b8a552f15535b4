/** Grades of the judged documents of one query, by document id: 0 or less is not relevant, more is better. */
export type Judgements = ReadonlyMap<string, number>;

/** The three scores of one ranking, each from 0 to 1. */
export interface RankingScores {
  readonly ndcg: number;
  readonly recall: number;
  readonly reciprocalRank: number;
}

/**
 * Normalised discounted cumulative gain of the first `k` documents (Järvelin & Kekäläinen, "Cumulated gain-based
 * evaluation of IR techniques", ACM TOIS 20(4), 2002), as trec_eval's `ndcg_cut` has it: the gain is the grade itself
 * (linear), divided by log2(rank + 1), and the ideal ranking is made of all judged documents, found or not.
 *
 * @param ranking document ids, best first. A repeated id keeps its place and gains nothing.
 * @returns 0 to 1; 0 when no document is relevant.
 */
export function ndcg(ranking: readonly string[], judgements: Judgements, k: number): number {
  const ideal = [...judgements.values()].sort((left, right) => right - left);
  const best = discountedGain(ideal, k);
  return best === 0 ? 0 : discountedGain(grades(ranking, judgements, k), k) / best;
}

/**
 * The share of the relevant documents that stand among the first `k` (trec_eval's `recall_k`; relevant means a grade
 * above 0). With more than `k` relevant documents it cannot reach 1.
 *
 * @returns 0 to 1; 0 when no document is relevant.
 */
export function recall(ranking: readonly string[], judgements: Judgements, k: number): number {
  const relevant = countRelevant([...judgements.values()]);
  return relevant === 0 ? 0 : countRelevant(grades(ranking, judgements, k)) / relevant;
}

/**
 * One over the rank of the first relevant document, if it is among the first `k` (trec_eval's `recip_rank`, cut at
 * `k`). Its mean over the queries is MRR@k.
 *
 * @returns 1, 1/2, … 1/k, or 0.
 */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements, k: number): number {
  const first = grades(ranking, judgements, k).findIndex((grade) => grade > 0);
  return first < 0 ? 0 : 1 / (first + 1);
}

/** All three scores of one ranking at the same cut. */
export function scoreRanking(ranking: readonly string[], judgements: Judgements, k: number): RankingScores {
  return {
    ndcg: ndcg(ranking, judgements, k),
    recall: recall(ranking, judgements, k),
    reciprocalRank: reciprocalRank(ranking, judgements, k),
  };
}

/** The grade at each of the first `k` ranks; unjudged and repeated documents have grade 0. */
function grades(ranking: readonly string[], judgements: Judgements, k: number): number[] {
  const seen = new Set<string>();
  return ranking.slice(0, k).map((id) => {
    if (seen.has(id)) return 0;
    seen.add(id);
    return judgements.get(id) ?? 0;
  });
}

function discountedGain(gradesByRank: readonly number[], k: number): number {
  let sum = 0;
  gradesByRank.slice(0, k).forEach((grade, index) => {
    sum += Math.max(grade, 0) / Math.log2(index + 2);
  });
  return sum;
}

function countRelevant(gradesByRank: readonly number[]): number {
  return gradesByRank.filter((grade) => grade > 0).length;
}
