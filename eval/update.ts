import { evaluationModes } from "../src/core/evaluate.ts";
import { type Baseline, kept, ndcgOf, tolerance } from "./baseline.ts";
import type { Quality } from "./measure.ts";
import type { TestSet } from "./test-set.ts";

/**
 * Takes what was measured of a set as its baseline, whatever stood there. What other classes of processors had found goes where
 * something changed: it was found by an older program.
 *
 * @returns a new baseline.
 */
export function withQuality(
  baseline: Baseline,
  set: TestSet,
  store: string,
  quality: Quality,
  processor: string,
): Baseline {
  const known = baseline.quality[set.key]?.[store] ?? {};
  const scores = ndcgOf(quality);
  const unchanged = evaluationModes.every((mode) => known[processor]?.[mode] === scores[mode]);
  const added = known[processor] === undefined && sameKeyword(known, scores.keyword);
  const classes = { ...(unchanged || added ? known : {}), [processor]: scores };
  const stores = { ...baseline.quality[set.key], [store]: classes };
  return { ...baseline, quality: { ...baseline.quality, [set.key]: stores } };
}

/** Keyword search knows no vectors: two classes that differ there by more than chance were measured by different programs. */
function sameKeyword(known: Readonly<Record<string, { readonly keyword: number }>>, keyword: number): boolean {
  return Object.values(known).every((scores) => Math.abs(scores.keyword - keyword) <= tolerance);
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
  const quality = [...figuresOf(before)].flatMap(({ key, store, processor, mode, score }) => {
    const now = after.quality[key]?.[store]?.[processor]?.[mode];
    return now !== undefined && now < score
      ? [`${key}, ${store}, ${processor}, ${mode}: nDCG@10 from ${score} to ${now}`]
      : [];
  });
  const recall = Object.entries(before.recall).flatMap(([store, known]) => {
    const now = after.recall[store] ?? 0;
    return now < known ? [`recall@10 against exact search, ${store}: from ${known} to ${now}`] : [];
  });
  return [...quality, ...recall];
}

/** Classes of processors that a new baseline knows no more, a line for each: they are to be measured again. */
export function forgotten(before: Baseline, after: Baseline): string[] {
  const lost = [...figuresOf(before)].filter(
    ({ key, store, processor }) => after.quality[key]?.[store]?.[processor] === undefined,
  );
  return [...new Set(lost.map(({ key, store, processor }) => `${key}, ${store}, ${processor}`))];
}

function* figuresOf(baseline: Baseline) {
  for (const [key, stores] of Object.entries(baseline.quality)) {
    for (const [store, classes] of Object.entries(stores)) {
      for (const [processor, scores] of Object.entries(classes)) {
        for (const mode of evaluationModes) yield { key, store, processor, mode, score: scores[mode] };
      }
    }
  }
}
