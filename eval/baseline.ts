import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluationModes } from "../src/core/evaluate.ts";
import type { Quality } from "./measure.ts";

const path = join(import.meta.dirname, "baseline.json");

/** A score may fall by so much before it counts as a loss: less than one question of the shipped set by one rank. */
export const tolerance = 0.005;
/** The stores must rank alike: how far their hybrid search may lie apart. */
export const storesApart = 0.01;

const modesSchema = z.object({ vector: z.number(), keyword: z.number(), hybrid: z.number() });
const baselineSchema = z.object({
  /** nDCG@10 by set, store and mode. */
  quality: z.record(z.string(), z.record(z.string(), modesSchema)),
  /** The share of the ten nearest chunks that the quantised index of a store finds. */
  recall: z.record(z.string(), z.number()),
});
export type Baseline = z.infer<typeof baselineSchema>;

export async function readBaseline(): Promise<Baseline> {
  return baselineSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

export async function writeBaseline(baseline: Baseline): Promise<void> {
  await writeFile(path, `${JSON.stringify(baseline, null, 2)}\n`);
}

export function ndcgOf(quality: Quality): z.infer<typeof modesSchema> {
  const { vector, keyword, hybrid } = quality;
  const rounded = (scores: { readonly "ndcg@10": number }) => Number(scores["ndcg@10"].toFixed(4));
  return { vector: rounded(vector), keyword: rounded(keyword), hybrid: rounded(hybrid) };
}

/** What was lost against the baseline, a line for each loss; nothing for a set or store that it does not know. */
export function qualityLosses(set: string, store: string, quality: Quality, baseline: Baseline): string[] {
  const known = baseline.quality[set]?.[store];
  if (known === undefined) return [];
  return evaluationModes.flatMap((mode) => {
    const measured = quality[mode]["ndcg@10"];
    const lost = known[mode] - measured;
    if (lost <= tolerance) return [];
    return [`${set}, ${store}, ${mode}: nDCG@10 fell from ${known[mode]} to ${measured.toFixed(4)}`];
  });
}

export function recallLosses(store: string, measured: number, baseline: Baseline): string[] {
  const known = baseline.recall[store];
  if (known === undefined || known - measured <= tolerance) return [];
  return [`recall@10 against exact search, ${store}: fell from ${known} to ${measured.toFixed(4)}`];
}
