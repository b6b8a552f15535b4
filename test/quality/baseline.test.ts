import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { storesApart, tooFarApart } from "../../eval/apart.ts";
import { type Baseline, qualityLosses, readBaseline, recallLosses, tolerance } from "../../eval/baseline.ts";
import type { Quality } from "../../eval/measure.ts";
import type { TestSet } from "../../eval/test-set.ts";
import { lowered, withQuality, withRecall } from "../../eval/update.ts";

const set: TestSet = { folder: "/sets/set", name: "set", key: "set@0123456789ab" };
const baseline: Baseline = {
  quality: { [set.key]: { sqlite: { vector: 0.5, keyword: 0.4, hybrid: 0.6 } } },
  recall: { sqlite: 0.99, weaviate: 0.99 },
};
const scores = (ndcg: number) => ({ "ndcg@10": ndcg, "recall@10": 1, "mrr@10": 1 });
const quality = (vector: number, keyword: number, hybrid: number): Quality => ({
  vector: scores(vector),
  keyword: scores(keyword),
  hybrid: scores(hybrid),
  missed: { vector: 0, keyword: 0, hybrid: 0 },
  first: { vector: 1, keyword: 1, hybrid: 1 },
});

suite("compared with the baseline", () => {
  test("a loss over the tolerance is told for each mode, one within it is not", () => {
    assert.deepEqual(qualityLosses(set, "sqlite", quality(0.5, 0.4, 0.6), baseline), []);
    assert.deepEqual(qualityLosses(set, "sqlite", quality(0.9, 0.4 - tolerance + 0.0001, 0.6), baseline), []);
    const losses = qualityLosses(set, "sqlite", quality(0.49, 0.4, 0.594), baseline);
    assert.equal(losses?.length, 2);
    assert.match(losses?.[0] ?? "", /set, sqlite, vector: nDCG@10 fell from 0.5 to 0.4900/);
    assert.match(losses?.[1] ?? "", /hybrid/);
  });

  test("a gain in one mode does not hide a loss in another", () => {
    assert.equal(qualityLosses(set, "sqlite", quality(0.4, 0.9, 0.9), baseline)?.length, 1);
  });

  test("recall is held to the same tolerance", () => {
    assert.deepEqual(recallLosses("sqlite", 0.986, baseline), []);
    assert.match(recallLosses("sqlite", 0.984, baseline)?.[0] ?? "", /fell from 0.99 to 0.9840/);
  });

  test("what the baseline does not know is not compared, which is not the same as no loss", () => {
    const namesake = { ...set, key: "set@ba9876543210" };
    assert.equal(qualityLosses(namesake, "sqlite", quality(0, 0, 0), baseline), undefined);
    assert.equal(qualityLosses(set, "weaviate", quality(0, 0, 0), baseline), undefined);
    assert.equal(recallLosses("weaviate", 0, { ...baseline, recall: {} }), undefined);
  });

  test("stores that lie further apart than they may are told", () => {
    assert.deepEqual(tooFarApart("set", storesApart), []);
    assert.match(tooFarApart("set", storesApart + 0.0001)[0] ?? "", /set: hybrid .* 0\.0051 apart, more than 0\.005/);
  });
});

suite("updated", () => {
  test("the last measurement of a set counts, and the others stay", () => {
    const after = withQuality(baseline, set, "weaviate", quality(0.12345, 0.2, 0.3));
    assert.deepEqual(after.quality[set.key], {
      sqlite: { vector: 0.5, keyword: 0.4, hybrid: 0.6 },
      weaviate: { vector: 0.1235, keyword: 0.2, hybrid: 0.3 },
    });
    assert.equal(baseline.quality[set.key]?.["weaviate"], undefined);
    const lower = withQuality(after, set, "sqlite", quality(0.4, 0.3, 0.5)).quality[set.key];
    assert.deepEqual(lower?.["sqlite"], { vector: 0.4, keyword: 0.3, hybrid: 0.5 });
  });

  test("of Weaviate's recall the least counts, of the embedded store's the last", () => {
    assert.equal(withRecall(baseline, "weaviate", 0.999).recall["weaviate"], 0.99);
    assert.equal(withRecall(baseline, "weaviate", 0.98).recall["weaviate"], 0.98);
    assert.equal(withRecall(baseline, "sqlite", 0.999).recall["sqlite"], 0.999);
    assert.equal(withRecall(baseline, "sqlite", 0.98).recall["sqlite"], 0.98);
    assert.equal(withRecall({ ...baseline, recall: {} }, "weaviate", 0.98765).recall["weaviate"], 0.9877);
  });

  test("every figure that is lowered is told, however little, and no other", () => {
    const after = withQuality(baseline, set, "sqlite", quality(0.4999, 0.5, 0.59));
    assert.deepEqual(lowered(baseline, withRecall(after, "sqlite", 0.9899)), [
      "set@0123456789ab, sqlite, vector: nDCG@10 from 0.5 to 0.4999",
      "set@0123456789ab, sqlite, hybrid: nDCG@10 from 0.6 to 0.59",
      "recall@10 against exact search, sqlite: from 0.99 to 0.9899",
    ]);
    assert.deepEqual(lowered(baseline, withRecall(baseline, "sqlite", 1)), []);
    assert.deepEqual(lowered(baseline, withQuality(baseline, set, "weaviate", quality(0, 0, 0))), []);
  });
});

suite("the baseline in the repository", () => {
  test("knows the set that ships and two larger ones on both stores, whose hybrid search lies close together", async () => {
    const { quality: known } = await readBaseline();
    const names = Object.keys(known).map((key) => key.split("@")[0]);
    assert.deepEqual(names.sort(), ["cranfield", "docs-set", "xquad-en"]);
    for (const [key, stores] of Object.entries(known)) {
      const { sqlite, weaviate } = stores;
      assert.ok(sqlite !== undefined && weaviate !== undefined, key);
      assert.deepEqual(tooFarApart(key, Math.abs(sqlite.hybrid - weaviate.hybrid)), []);
    }
  });
});
