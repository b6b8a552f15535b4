import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { byMeasure } from "./estimate.ts";
import { type Circumstances, forecast } from "./forecast.ts";
import type { Plan } from "./plan.ts";
import type { PriceList } from "./prices.ts";
import { exactly, type Range } from "./range.ts";

const source = "https://example.com/";
const prices: PriceList = {
  asOf: "2026",
  currency: "USD",
  regions: [],
  prices: {
    nodeHour: { amount: 1, unit: "hour", what: "node", source },
    spotNodeHour: { amount: [0.25, 0.5], unit: "hour", what: "spot", source },
    bucketClassA: { amount: 5, unit: "1,000 requests", what: "listing", source },
    bucketClassB: { amount: 2, unit: "1,000 requests", what: "reading", source },
    balancedDiskGibMonth: { amount: 10, unit: "GiB-month", what: "disk", source },
  },
};
const circumstances: Circumstances = {
  chunksPerSecond: 10,
  shards: 1,
  spot: false,
  bucket: false,
  store: "sqlite",
  dimensions: 384,
  prices,
};

function planOf(chunks: Range, changes: Partial<Plan> = {}, largest = 1): Plan {
  const estimates = byMeasure((measure) => (measure === "tokens" ? exactly(chunks.expected * 100) : chunks));
  return {
    survey: {
      objects: 2500,
      bytes: 0,
      added: 2000,
      changed: 100,
      outdated: 0,
      uncompared: 0,
      unchanged: 400,
      removed: 0,
      leftOut: [],
      faults: [],
      strata: [],
    },
    kinds: [],
    all: estimates,
    largest: byMeasure(() => exactly(largest)),
    unusable: [],
    sample: { documents: 0, bytes: 0, faults: 0, counted: false },
    rate: undefined,
    ...changes,
  };
}

const chunks = { low: 18_000, expected: 36_000, high: 72_000 };

suite("the forecast", () => {
  test("divides the chunks by the rate, and the time by the pods", () => {
    const { duration, once } = forecast(planOf(chunks), circumstances);
    assert.deepEqual(duration?.elapsed, { low: 1800, expected: 3600, high: 7200 });
    assert.deepEqual(once?.sum, { low: 0.5, expected: 1, high: 2 });
    const shared = forecast(planOf(chunks), { ...circumstances, shards: 4 });
    assert.deepEqual(shared.duration?.elapsed, { low: 450, expected: 900, high: 1800 });
    assert.deepEqual(shared.once?.sum, once?.sum, "the work is the same, and so is what it costs");
  });

  test("no number of pods is faster than the largest document", () => {
    const { duration } = forecast(planOf(chunks, {}, 30_000), { ...circumstances, shards: 100 });
    assert.equal(duration?.elapsed.expected, 3000);
  });

  test("with a measured rate, what every chunk and every document takes beside embedding comes on top", () => {
    const rate = { tokensPerSecond: exactly(1000), texts: 10, seconds: 4 };
    const measured = { ...circumstances, chunksPerSecond: undefined };
    const expected = (changes: Partial<Circumstances> = {}, documents = 2000) => {
      const plan = planOf(exactly(36_000), { rate });
      const survey = { ...plan.survey, added: documents, changed: 0 };
      return forecast({ ...plan, survey }, { ...measured, ...changes }).duration?.work.expected ?? 0;
    };
    // 3.6 million tokens, 36,000 chunks of 0.3 ms, 2,000 documents of 0.85 ms, 0.6 s to begin with.
    assert.equal(expected().toFixed(3), (3600 + 10.8 + 1.7 + 0.6).toFixed(3));
    assert.equal(expected({}, 12_000).toFixed(3), (3600 + 10.8 + 10.2 + 0.6).toFixed(3));
    assert.equal(expected({ store: "weaviate" }).toFixed(3), (3600 + 30.6 + 2.9 + 0.6).toFixed(3));
    assert.equal(expected({ shards: 4 }).toFixed(3), (3600 + 10.8 + 1.7 + 2.4).toFixed(3), "every pod begins");
    const { chunksPerSecond } = forecast(planOf(exactly(36_000), { rate }), measured);
    assert.equal(chunksPerSecond?.expected.toFixed(3), (36_000 / (3600 + 10.8 + 1.785)).toFixed(3));
  });

  test("what is paid is for Weaviate, whatever the store at hand", () => {
    const rate = { tokensPerSecond: exactly(1000), texts: 10, seconds: 4 };
    const [once, there] = (["sqlite", "weaviate"] as const).map(
      (store) => forecast(planOf(chunks, { rate }), { ...circumstances, store, chunksPerSecond: undefined }).once,
    );
    assert.deepEqual(once, there);
    const [sqlite, weaviate] = (["sqlite", "weaviate"] as const).map((store) =>
      forecast(planOf(chunks), { ...circumstances, store }),
    );
    assert.deepEqual(sqlite?.month, weaviate?.month);
    assert.ok((sqlite?.storage.expected ?? 0) < (weaviate?.storage.expected ?? 0));
    const gibibytes = sqlite?.month.starter.lines[0]?.quantity.expected ?? 0;
    assert.equal(gibibytes * 2 ** 30, weaviate?.storage.expected);
  });

  test("a bucket's requests are paid for: a listing by every pod, and what is read", () => {
    const { once } = forecast(planOf(chunks), { ...circumstances, bucket: true, shards: 2, spot: true });
    const costs = once?.lines.map(({ name, cost }) => [name, cost.low, cost.expected, cost.high]);
    assert.deepEqual(costs, [
      ["spotNodeHour", 0.125, 0.375, 1],
      // 2,500 objects are three pages, and two pods list them all.
      ["bucketClassA", 0.03, 0.03, 0.03],
      ["bucketClassB", 4.2, 4.2, 4.2],
    ]);
  });

  test("what has no price is named, and not free", () => {
    const { month } = forecast(planOf(chunks), circumstances);
    assert.deepEqual(month.production.missing, ["ssdDiskGibMonth"]);
    assert.deepEqual(month.starter.missing, []);
    assert.ok(month.starter.sum.expected > 0);
  });

  test("without a rate there is no time and no price of it; with nothing to do both are nothing", () => {
    const unknown = forecast(planOf(chunks), { ...circumstances, chunksPerSecond: undefined });
    assert.deepEqual([unknown.duration, unknown.once], [undefined, undefined]);
    const idle = forecast(planOf(exactly(0), {}, 0), { ...circumstances, chunksPerSecond: undefined });
    assert.equal(idle.duration?.elapsed.high, 0);
    assert.equal(idle.once?.sum.high, 0);
  });
});
