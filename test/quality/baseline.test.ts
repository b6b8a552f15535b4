import assert from "node:assert/strict";
import { test } from "node:test";
import { type Baseline, qualityLosses, recallLosses, tolerance } from "../../eval/baseline.ts";
import type { Quality } from "../../eval/measure.ts";

const baseline: Baseline = {
  quality: { set: { sqlite: { vector: 0.5, keyword: 0.4, hybrid: 0.6 } } },
  recall: { sqlite: 0.99 },
};
const scores = (ndcg: number) => ({ "ndcg@10": ndcg, "recall@10": 1, "mrr@10": 1 });
const quality = (vector: number, keyword: number, hybrid: number): Quality => ({
  vector: scores(vector),
  keyword: scores(keyword),
  hybrid: scores(hybrid),
  missed: { vector: 0, keyword: 0, hybrid: 0 },
});

test("a loss over the tolerance is told for each mode, one within it is not", () => {
  assert.deepEqual(qualityLosses("set", "sqlite", quality(0.5, 0.4, 0.6), baseline), []);
  assert.deepEqual(qualityLosses("set", "sqlite", quality(0.9, 0.4 - tolerance + 0.0001, 0.6), baseline), []);
  const losses = qualityLosses("set", "sqlite", quality(0.49, 0.4, 0.594), baseline);
  assert.equal(losses.length, 2);
  assert.match(losses[0] ?? "", /set, sqlite, vector: nDCG@10 fell from 0.5 to 0.4900/);
  assert.match(losses[1] ?? "", /hybrid/);
});

test("a gain in one mode does not hide a loss in another", () => {
  assert.equal(qualityLosses("set", "sqlite", quality(0.4, 0.9, 0.9), baseline).length, 1);
});

test("recall is held to the same tolerance", () => {
  assert.deepEqual(recallLosses("sqlite", 0.986, baseline), []);
  assert.match(recallLosses("sqlite", 0.984, baseline)[0] ?? "", /fell from 0.99 to 0.9840/);
});

test("what the baseline does not know is no loss", () => {
  assert.deepEqual(qualityLosses("other", "sqlite", quality(0, 0, 0), baseline), []);
  assert.deepEqual(recallLosses("weaviate", 0, baseline), []);
});
