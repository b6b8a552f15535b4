import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { storesApart, tooFarApart } from "../../eval/apart.ts";
import { type Baseline, qualityLosses, readBaseline, recallLosses, tolerance } from "../../eval/baseline.ts";
import type { Quality } from "../../eval/measure.ts";
import type { TestSet } from "../../eval/test-set.ts";
import { forgotten, lowered, withQuality, withRecall } from "../../eval/update.ts";

const set: TestSet = { folder: "/sets/set", name: "set", key: "set@0123456789ab" };
const baseline: Baseline = {
  processor: { vector: 0.05, keyword: 0, hybrid: 0.05 },
  quality: { [set.key]: { sqlite: { here: { vector: 0.5, keyword: 0.4, hybrid: 0.6 } } } },
  recall: { sqlite: 0.99, weaviate: 0.99 },
};
const scores = (ndcg: number) => ({ "ndcg@10": ndcg, "recall@10": 1, "mrr@10": 1 });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`q${index}`, 0]));
/** Of so many questions; what each of them got does not matter here. */
const quality = (vector: number, keyword: number, hybrid: number, questions = 100): Quality => ({
  vector: scores(vector),
  keyword: scores(keyword),
  hybrid: scores(hybrid),
  missed: { vector: 0, keyword: 0, hybrid: 0 },
  first: { vector: 1, keyword: 1, hybrid: 1 },
  questions: { vector: many(questions), keyword: many(questions), hybrid: many(questions) },
});

suite("compared with the baseline", () => {
  test("a loss over the tolerance is told for each mode, one within it is not", () => {
    assert.deepEqual(qualityLosses(set, "sqlite", quality(0.5, 0.4, 0.6), baseline, "here"), []);
    assert.deepEqual(qualityLosses(set, "sqlite", quality(0.9, 0.4 - tolerance + 0.0001, 0.6), baseline, "here"), []);
    const losses = qualityLosses(set, "sqlite", quality(0.49, 0.4, 0.594), baseline, "here");
    assert.equal(losses?.length, 2);
    assert.match(losses?.[0] ?? "", /set, sqlite, vector: nDCG@10 fell from 0.5 to 0.4900/);
    assert.match(losses?.[1] ?? "", /hybrid/);
  });

  test("a gain in one mode does not hide a loss in another", () => {
    assert.equal(qualityLosses(set, "sqlite", quality(0.4, 0.9, 0.9), baseline, "here")?.length, 1);
  });

  test("a processor of no known class may take three standard errors more, fewer with more questions", () => {
    // 0.05 of one question is 0.015 of a hundred, three standard errors.
    const losses = (vector: number, questions: number) =>
      qualityLosses(set, "sqlite", quality(vector, 0.4, 0.6, questions), baseline, undefined);
    assert.deepEqual(losses(0.4801, 100), []);
    assert.match(
      losses(0.4799, 100)?.[0] ?? "",
      /from 0.5 to 0.4799, more than the 0.0200 that another processor may take/,
    );
    assert.equal(losses(0.4801, 10_000)?.length, 1);
    assert.equal(qualityLosses(set, "sqlite", quality(0.4801, 0.4, 0.6), baseline, "here")?.length, 1);
  });

  test("keyword search knows no vectors, so no processor may take anything from it", () => {
    assert.equal(qualityLosses(set, "sqlite", quality(0.5, 0.394, 0.6), baseline, undefined)?.length, 1);
  });

  test("where several classes are known, a machine is held to its own, and another to the least of them", () => {
    const lower = { vector: 0.45, keyword: 0.4, hybrid: 0.6 };
    const both = { ...baseline, quality: { [set.key]: { sqlite: { here: { ...lower, vector: 0.5 }, there: lower } } } };
    const losses = (processor: string | undefined, vector: number) =>
      qualityLosses(set, "sqlite", quality(vector, 0.4, 0.6), both, processor)?.length;
    assert.deepEqual([losses("here", 0.46), losses("there", 0.46), losses("there", 0.44)], [1, 0, 1]);
    assert.deepEqual([losses(undefined, 0.44), losses("elsewhere", 0.44), losses("elsewhere", 0.42)], [0, 0, 1]);
  });

  test("recall is held to the same tolerance", () => {
    assert.deepEqual(recallLosses("sqlite", 0.986, baseline), []);
    assert.match(recallLosses("sqlite", 0.984, baseline)?.[0] ?? "", /fell from 0.99 to 0.9840/);
  });

  test("what the baseline does not know is not compared, which is not the same as no loss", () => {
    const namesake = { ...set, key: "set@ba9876543210" };
    assert.equal(qualityLosses(namesake, "sqlite", quality(0, 0, 0), baseline, "here"), undefined);
    assert.equal(qualityLosses(set, "weaviate", quality(0, 0, 0), baseline, "here"), undefined);
    assert.equal(recallLosses("weaviate", 0, { ...baseline, recall: {} }), undefined);
  });

  test("stores that lie further apart than they may are told", () => {
    assert.deepEqual(tooFarApart("set", storesApart), []);
    assert.match(tooFarApart("set", storesApart + 0.0001)[0] ?? "", /set: hybrid .* 0\.0051 apart, more than 0\.005/);
  });
});

suite("updated", () => {
  test("the last measurement of a set counts, and the others stay", () => {
    const after = withQuality(baseline, set, "weaviate", quality(0.12345, 0.2, 0.3), "here");
    assert.deepEqual(after.quality[set.key], {
      sqlite: { here: { vector: 0.5, keyword: 0.4, hybrid: 0.6 } },
      weaviate: { here: { vector: 0.1235, keyword: 0.2, hybrid: 0.3 } },
    });
    assert.equal(baseline.quality[set.key]?.["weaviate"], undefined);
    const lower = withQuality(after, set, "sqlite", quality(0.4, 0.3, 0.5), "here").quality[set.key];
    assert.deepEqual(lower?.["sqlite"], { here: { vector: 0.4, keyword: 0.3, hybrid: 0.5 } });
  });

  test("what another class of processors found stays while nothing changes, and is told to be gone when something does", () => {
    const there = withQuality(baseline, set, "sqlite", quality(0.49, 0.4, 0.6), "there");
    const classes = (after: Baseline) => Object.keys(after.quality[set.key]?.["sqlite"] ?? {});
    assert.deepEqual(classes(there), ["here", "there"]);
    const again = withQuality(there, set, "sqlite", quality(0.5, 0.4, 0.6), "here");
    assert.deepEqual([again, forgotten(there, again)], [there, []]);
    const changed = withQuality(there, set, "sqlite", quality(0.51, 0.4, 0.6), "here");
    assert.deepEqual([classes(changed), lowered(there, changed)], [["here"], []]);
    assert.deepEqual(forgotten(there, changed), ["set@0123456789ab, sqlite, there"]);
    // Keyword search is the same on every processor: this one was measured by another program.
    assert.deepEqual(classes(withQuality(baseline, set, "sqlite", quality(0.49, 0.41, 0.6), "there")), ["there"]);
  });

  test("of Weaviate's recall the least counts, of the embedded store's the last", () => {
    assert.equal(withRecall(baseline, "weaviate", 0.999).recall["weaviate"], 0.99);
    assert.equal(withRecall(baseline, "weaviate", 0.98).recall["weaviate"], 0.98);
    assert.equal(withRecall(baseline, "sqlite", 0.999).recall["sqlite"], 0.999);
    assert.equal(withRecall(baseline, "sqlite", 0.98).recall["sqlite"], 0.98);
    assert.equal(withRecall({ ...baseline, recall: {} }, "weaviate", 0.98765).recall["weaviate"], 0.9877);
  });

  test("every figure that is lowered is told, however little, and no other", () => {
    const after = withQuality(baseline, set, "sqlite", quality(0.4999, 0.5, 0.59), "here");
    assert.deepEqual(lowered(baseline, withRecall(after, "sqlite", 0.9899)), [
      "set@0123456789ab, sqlite, here, vector: nDCG@10 from 0.5 to 0.4999",
      "set@0123456789ab, sqlite, here, hybrid: nDCG@10 from 0.6 to 0.59",
      "recall@10 against exact search, sqlite: from 0.99 to 0.9899",
    ]);
    assert.deepEqual(lowered(baseline, withRecall(baseline, "sqlite", 1)), []);
    assert.deepEqual(lowered(baseline, withQuality(baseline, set, "weaviate", quality(0, 0, 0), "here")), []);
  });
});

suite("the baseline in the repository", () => {
  test("knows the sets that ship and two larger ones on both stores, whose hybrid search lies close together", async () => {
    const { quality: known } = await readBaseline();
    const names = Object.keys(known).map((key) => key.split("@")[0]);
    assert.deepEqual(names.sort(), ["cranfield", "docs-set", "exact-set", "xquad-en"]);
    for (const [key, { sqlite, weaviate }] of Object.entries(known)) {
      assert.ok(sqlite !== undefined && weaviate !== undefined, key);
      for (const [processor, scores] of Object.entries(weaviate)) {
        const apart = Math.abs(scores.hybrid - (sqlite[processor]?.hybrid ?? 0));
        assert.deepEqual(tooFarApart(`${key}, ${processor}`, apart), []);
      }
    }
  });
});
