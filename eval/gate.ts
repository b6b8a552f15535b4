import { evaluationModes } from "../src/core/evaluate.ts";
import type { SearchMode } from "../src/core/types.ts";
import { distance, tooFarApart } from "./apart.ts";
import { type Baseline, qualityLosses, recallLosses } from "./baseline.ts";
import { measureQuality, type Quality } from "./measure.ts";
import { measureRecall, type RecallData } from "./recall.ts";
import type { GateStore } from "./stores.ts";
import type { TestSet } from "./test-set.ts";
import { withQuality, withRecall } from "./update.ts";

export interface GateInput {
  readonly sets: readonly TestSet[];
  readonly stores: readonly GateStore[];
  /** Without it the recall of the indexes is not measured. */
  readonly recallData?: RecallData;
  readonly baseline: Baseline;
  /** The class of this machine's vectors (`classHere`); undefined for none that is known. */
  readonly processor: string | undefined;
  /** Told what was measured. */
  line(text: string): void;
  /** Told what goes on. */
  tell(text: string): void;
}

export interface GateOutcome {
  readonly results: readonly Readonly<Record<string, unknown>>[];
  /** A line for each figure that is worse than it may be. */
  readonly losses: readonly string[];
  /** The baseline with what was measured in the place of what stood there; none for a processor of no known class. */
  readonly measured: Baseline | undefined;
}

/** Measures every set on every store, compares with the baseline, and the stores with each other. */
export async function runGate(input: GateInput): Promise<GateOutcome> {
  const results: Record<string, unknown>[] = [];
  const losses: string[] = [];
  const apart = new Map<TestSet, Quality[]>();
  const { processor } = input;
  let measured = input.baseline;
  input.line(`vectors: ${processor === undefined ? "of no known class of processors" : `those of ${processor}`}`);
  for (const store of input.stores) {
    for (const set of input.sets) {
      const quality = await measureQuality(set, store.settings, new AbortController().signal, input.tell);
      input.tell("");
      for (const mode of evaluationModes) input.line(lineOf(set, store.name, mode, quality));
      const found = qualityLosses(set, store.name, quality, input.baseline, processor);
      const compared = collect(`${set.name} (${set.key}), ${store.name}`, found);
      results.push({ set: set.name, key: set.key, store: store.name, processor, compared, ...quality });
      if (processor !== undefined) measured = withQuality(measured, set, store.name, quality, processor);
      apart.set(set, [...(apart.get(set) ?? []), quality]);
    }
    if (input.recallData === undefined) continue;
    const recall = await measureRecall(store.forRecall(), input.recallData);
    const what = `recall@10 of the quantised index against exact search, ${store.name}`;
    input.line(`${what}: ${recall.toFixed(4)}`);
    const compared = collect(what, recallLosses(store.name, recall, input.baseline));
    results.push({ store: store.name, compared, "recall@10": recall });
    measured = withRecall(measured, store.name, recall);
  }
  for (const [set, [left, right]] of apart) {
    if (left === undefined || right === undefined) continue;
    const far = distance(left, right);
    input.line(`${set.name}: hybrid search of the stores lies ${far.toFixed(4)} apart`);
    results.push({ set: set.name, key: set.key, hybrid_apart: far });
    losses.push(...tooFarApart(set.name, far));
  }
  return { results, losses, measured: processor === undefined ? undefined : measured };

  /** @returns whether the baseline knows what was measured; where it does not, nothing says that it is good. */
  function collect(what: string, found: readonly string[] | undefined): boolean {
    if (found === undefined) input.line(`${what}: not in the baseline: nothing compared`);
    else losses.push(...found);
    return found !== undefined;
  }
}

function lineOf({ name }: TestSet, store: string, mode: SearchMode, quality: Quality): string {
  const score = quality[mode]["ndcg@10"].toFixed(4);
  const missed = (quality.missed[mode] * 100).toFixed(1).padStart(5);
  const first = (quality.first[mode] * 100).toFixed(1).padStart(5);
  return `${name}, ${store}, ${mode.padEnd(7)}  nDCG@10 ${score}  ${first} % first  ${missed} % miss the first three`;
}
