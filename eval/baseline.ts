import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluationModes } from "../src/core/evaluate.ts";
import type { Quality } from "./measure.ts";
import type { TestSet } from "./test-set.ts";

const committed = join(import.meta.dirname, "baseline.json");

/** A score may fall by so much before it counts as a loss: less than one question of the shipped set by one rank. */
export const tolerance = 0.005;

const modesSchema = z.object({ vector: z.number(), keyword: z.number(), hybrid: z.number() });
const baselineSchema = z.object({
  /** nDCG@10 by set (name and digest, see `TestSet`), store and mode. */
  quality: z.record(z.string(), z.record(z.string(), modesSchema)),
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

/** What was lost against the baseline, a line for each loss; undefined where it does not know the set on that store. */
export function qualityLosses(set: TestSet, store: string, quality: Quality, baseline: Baseline): string[] | undefined {
  const known = baseline.quality[set.key]?.[store];
  if (known === undefined) return undefined;
  return evaluationModes.flatMap((mode) => {
    const measured = quality[mode]["ndcg@10"];
    if (known[mode] - measured <= tolerance) return [];
    return [`${set.name}, ${store}, ${mode}: nDCG@10 fell from ${known[mode]} to ${measured.toFixed(4)}`];
  });
}

/** As `qualityLosses`, for the recall of a store's quantised index. */
export function recallLosses(store: string, measured: number, baseline: Baseline): string[] | undefined {
  const known = baseline.recall[store];
  if (known === undefined) return undefined;
  if (known - measured <= tolerance) return [];
  return [`recall@10 against exact search, ${store}: fell from ${known} to ${measured.toFixed(4)}`];
}
