import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import type { Budget, Figure } from "./report.ts";
import { mean } from "./statistics.ts";

/** How far nDCG@10 of vector search may lie from the fp32 model's. */
const fromFp32 = 0.003;

export interface AgainstFp32 {
  readonly figures: readonly Figure[];
  readonly budgets: readonly Budget[];
  readonly note: string;
}

/**
 * What quantisation changed on one set. A distance counts as such whichever side it lies on: a quantised model that is better
 * by chance here is worse by chance elsewhere. `isthmus eval` searches chunks, the models alone whole documents cut at 256 tokens:
 * where documents are longer than that, its distance is that of chunking as well.
 *
 * @param isthmus nDCG@10 of `isthmus eval`'s vector search.
 * @param int8 nDCG@10 of the shipped model alone, by query id.
 * @param fp32 the same of the fp32 model.
 */
export function againstFp32(
  set: string,
  isthmus: number,
  int8: ReadonlyMap<string, number>,
  fp32: ReadonlyMap<string, number>,
): AgainstFp32 {
  const means = { int8: mean([...int8.values()]), fp32: mean([...fp32.values()]) };
  const difference = pairedDifference(int8, fp32);
  const subject = `${set}, a vector a document`;
  const figure = (measure: string, value: number): Figure => ({ subject, measure, unit: "", samples: [value] });
  return {
    figures: [
      figure("int8 ndcg@10", means.int8),
      figure("fp32 ndcg@10", means.fp32),
      figure("difference of ndcg@10, int8 - fp32", difference.mean),
      figure("standard error of the difference", difference.standardError),
    ],
    budgets: [
      distanceBudget(`${set}, int8 model from fp32 model, either way`, means.int8, means.fp32),
      distanceBudget(`${set}, isthmus eval from fp32 model, either way`, isthmus, means.fp32),
    ],
    note: sentence(set, difference),
  };
}

function distanceBudget(what: string, score: number, fp32: number): Budget {
  return { what, bound: "at most", limit: fromFp32, unit: "", measured: Math.abs(score - fp32) };
}

function sentence(set: string, { mean: difference, standardError, pairs }: PairedDifference): string {
  const side = difference < 0 ? "below" : "above";
  const far = `${Math.abs(difference).toFixed(4)} ${side} the fp32 model`;
  return `${set}: the int8 model lies ${far}; standard error ${standardError.toFixed(4)}, ${pairs} queries`;
}
