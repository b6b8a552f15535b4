import type { CostLine, Costs } from "../../core/plan/cost.ts";
import type { Estimates } from "../../core/plan/estimate.ts";
import type { Circumstances, Forecast } from "../../core/plan/forecast.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Range } from "../../core/plan/range.ts";

/** All that `plan` shows. */
export interface ShownPlan {
  readonly plan: Plan;
  readonly forecast: Forecast;
  readonly circumstances: Circumstances;
  /** Embedding workers of this machine. */
  readonly workers: number;
  /** This processor has the instructions that double the speed of embedding; undefined where nobody can tell, or it is done elsewhere. */
  readonly vnni: boolean | undefined;
  /** The prices are too old to be relied on. */
  readonly oldPrices: boolean;
}

/** The plan as `--json` writes it. Ranges are `{low, expected, high}`; times in seconds, sizes in bytes. */
export function planJson({ plan, forecast, circumstances, workers, vnni, oldPrices }: ShownPlan) {
  const { survey, sample, rate } = plan;
  const { prices, shards, store, spot } = circumstances;
  return {
    documents: {
      found: survey.objects,
      bytes: survey.bytes,
      new: survey.added,
      changed: survey.changed,
      outdated: survey.outdated,
      uncompared: survey.uncompared,
      unchanged: survey.unchanged,
      removed: survey.removed ?? null,
    },
    left_out: survey.leftOut,
    unreadable_places: survey.faults.map(({ uri, error }) => ({ uri, code: error.code, message: error.message })),
    kinds: plan.kinds.map(({ kind, documents, bytes, read, begun, guessed, ...estimates }) => ({
      kind,
      documents,
      bytes,
      read,
      begun,
      guessed,
      ...estimatesJson(estimates),
    })),
    total: estimatesJson(plan.all),
    sample: {
      documents: sample.documents,
      bytes: sample.bytes,
      bad_records: sample.faults,
      counted: sample.counted,
      unusable: plan.unusable,
    },
    rate: {
      chunks_per_second: rangeJson(forecast.chunksPerSecond, tenths),
      from: circumstances.chunksPerSecond !== undefined ? "given" : rate === undefined ? null : "measured",
      ...(rate && { workers, vnni: vnni ?? null, texts: rate.texts, seconds: tenths(rate.seconds) }),
    },
    shards,
    seconds: rangeJson(forecast.duration?.elapsed, tenths),
    work_seconds: rangeJson(forecast.duration?.work, tenths),
    storage: { store, bytes_of_one_copy: rangeJson(forecast.storage, Math.round) },
    prices: { as_of: prices.asOf, currency: prices.currency, regions: prices.regions, old: oldPrices, spot },
    once: forecast.once === undefined ? null : costsJson(forecast.once),
    month: { starter: costsJson(forecast.month.starter), production: costsJson(forecast.month.production) },
  };
}

function estimatesJson({ records, chunks, characters, tokens }: Estimates) {
  return {
    records: rangeJson(records, Math.round),
    chunks: rangeJson(chunks, Math.round),
    characters: rangeJson(characters, Math.round),
    tokens: rangeJson(tokens, Math.round),
  };
}

function costsJson({ lines, missing, sum }: Costs) {
  const lineJson = ({ name, what, quantity, cost }: CostLine) => ({
    price: name,
    what,
    quantity: rangeJson(quantity, significant),
    cost: rangeJson(cost, significant),
  });
  return { lines: lines.map(lineJson), without_price: missing, sum: rangeJson(sum, significant) };
}

function rangeJson(range: Range | undefined, rounded: (value: number) => number) {
  if (range === undefined) return null;
  return { low: rounded(range.low), expected: rounded(range.expected), high: rounded(range.high) };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Three digits: more would claim what nobody knows. */
function significant(value: number): number {
  return Number(value.toPrecision(3));
}
