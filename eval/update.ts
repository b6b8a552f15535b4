import { evaluationModes } from "../src/core/evaluate.ts";
import { type Baseline, kept, ndcgOf } from "./baseline.ts";
import type { Quality } from "./measure.ts";
import type { TestSet } from "./test-set.ts";

/** Takes what was measured of a set as its baseline, whatever stood there. @returns a new baseline. */
export function withQuality(baseline: Baseline, set: TestSet, store: string, quality: Quality): Baseline {
  const stores = { ...baseline.quality[set.key], [store]: ndcgOf(quality) };
  return { ...baseline, quality: { ...baseline.quality, [set.key]: stores } };
}

/**
 * The same for the recall of a store. Weaviate's graph depends on the order in which objects happen to arrive, so of its shares the
 * least that was seen counts; the embedded store's is the same in every run, and the last one counts.
 */
export function withRecall(baseline: Baseline, store: string, measured: number): Baseline {
  const known = baseline.recall[store];
  const share = store === "weaviate" && known !== undefined ? Math.min(known, measured) : measured;
  return { ...baseline, recall: { ...baseline.recall, [store]: kept(share) } };
}

/** What a new baseline asks less of, a line for each figure: each wants a reason. */
export function lowered(before: Baseline, after: Baseline): string[] {
  const quality = Object.entries(before.quality).flatMap(([key, stores]) =>
    Object.entries(stores).flatMap(([store, known]) =>
      evaluationModes.flatMap((mode) => {
        const now = after.quality[key]?.[store]?.[mode] ?? 0;
        return now < known[mode] ? [`${key}, ${store}, ${mode}: nDCG@10 from ${known[mode]} to ${now}`] : [];
      }),
    ),
  );
  const recall = Object.entries(before.recall).flatMap(([store, known]) => {
    const now = after.recall[store] ?? 0;
    return now < known ? [`recall@10 against exact search, ${store}: from ${known} to ${now}`] : [];
  });
  return [...quality, ...recall];
}
