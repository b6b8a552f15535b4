import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluationModes } from "../src/core/evaluate.ts";
import type { SearchMode } from "../src/core/types.ts";
import type { Quality } from "./measure.ts";
import type { TestSet } from "./test-set.ts";

const committed = join(import.meta.dirname, "baseline.json");

/** A score may fall by so much before it counts as a loss: about one question of the shipped set that changes places. */
export const tolerance = 0.005;

/** How many standard errors of what a processor does are no loss: one comparison in 700 passes them by chance. */
const errors = 3;

const modesSchema = z.object({ vector: z.number(), keyword: z.number(), hybrid: z.number() });
const baselineSchema = z.object({
  /**
   * What another processor does to one question: the standard deviation of its nDCG@10 between two classes of processors
   * (eval/README.md says how it was measured).
   */
  processor: modesSchema,
  /** nDCG@10 by set (name and digest, see `TestSet`), store, class of processor (`classHere`) and mode. */
  quality: z.record(z.string(), z.record(z.string(), z.record(z.string(), modesSchema))),
  /** The share of the ten nearest chunks that the quantised index of a store finds. */
  recall: z.record(z.string(), z.number()),
});
export type Baseline = z.infer<typeof baselineSchema>;

export async function readBaseline(path = committed): Promise<Baseline> {
  return baselineSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

export async function writeBaseline(baseline: Baseline, path = committed): Promise<void> {
  await writeFile(path, `${JSON.stringify(baseline, null, 2)}\n`);
}

/** As the baseline keeps a score: four decimals. */
export function kept(score: number): number {
  return Number(score.toFixed(4));
}

export function ndcgOf({ vector, keyword, hybrid }: Quality): z.infer<typeof modesSchema> {
  return { vector: kept(vector["ndcg@10"]), keyword: kept(keyword["ndcg@10"]), hybrid: kept(hybrid["ndcg@10"]) };
}

/**
 * What was lost against the baseline, a line for each loss; undefined where it does not know the set on that store.
 *
 * Vectors of one class of processors are the same in every run, so there whatever falls by more than the tolerance is a loss. Another
 * processor's vectors lie a little elsewhere: it is compared with the class that found least, and given three standard errors more.
 *
 * @param processor the class of this machine; undefined for none that is known.
 */
export function qualityLosses(
  set: TestSet,
  store: string,
  quality: Quality,
  baseline: Baseline,
  processor: string | undefined,
): string[] | undefined {
  const known = baseline.quality[set.key]?.[store] ?? {};
  if (Object.keys(known).length === 0) return undefined;
  const own = processor === undefined ? undefined : known[processor];
  return evaluationModes.flatMap((mode) => {
    const measured = quality[mode]["ndcg@10"];
    const before = own?.[mode] ?? Math.min(...Object.values(known).map((scores) => scores[mode]));
    const allowance = own === undefined ? processorAllowance(baseline.processor[mode], quality, mode) : 0;
    if (before - measured <= tolerance + allowance) return [];
    const fell = `${set.name}, ${store}, ${mode}: nDCG@10 fell from ${before} to ${measured.toFixed(4)}`;
    if (own !== undefined) return [fell];
    return [`${fell}, more than the ${(tolerance + allowance).toFixed(4)} that another processor may take`];
  });
}

/** Of the mean over a set's questions: s/√n (`bench/paired-difference.ts`) for each standard error that is allowed. */
function processorAllowance(deviation: number, quality: Quality, mode: SearchMode): number {
  return (errors * deviation) / Math.sqrt(Object.keys(quality.questions[mode]).length);
}

/** As `qualityLosses`, for the recall of a store's quantised index. */
export function recallLosses(store: string, measured: number, baseline: Baseline): string[] | undefined {
  const known = baseline.recall[store];
  if (known === undefined) return undefined;
  if (known - measured <= tolerance) return [];
  return [`recall@10 against exact search, ${store}: fell from ${known} to ${measured.toFixed(4)}`];
}
