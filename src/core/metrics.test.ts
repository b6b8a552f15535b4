import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { ndcg, recall, reciprocalRank, scoreRanking } from "./metrics.ts";

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

/**
 * The worked example of Wikipedia's "Discounted cumulative gain": grades 3, 2, 3, 0, 1, 2 in this order, two more
 * documents (3 and 2) not found. DCG@6 6.861, ideal 8.740, nDCG 0.785.
 */
const example = new Map([
  ["a", 3],
  ["b", 2],
  ["c", 3],
  ["d", 0],
  ["e", 1],
  ["f", 2],
  ["g", 3],
  ["h", 2],
]);
const found = ["a", "b", "c", "d", "e", "f"];

test("nDCG agrees with the worked example: linear gain, log2 discount, unfound documents in the ideal", () => {
  assert.equal(ndcg(found, example, 6).toFixed(3), "0.785");
});

test("nDCG by hand: grades 0 and 2 found at ranks 1 and 2, an ideal of 2 then 1", () => {
  const judgements = new Map([
    ["x", 0],
    ["y", 2],
    ["z", 1],
  ]);
  // DCG = 2 / log2(3); ideal = 2 / log2(2) + 1 / log2(3)
  near(ndcg(["x", "y"], judgements, 10), 2 / Math.log2(3) / (2 + 1 / Math.log2(3)));
});

test("the cut counts: a document at rank k is in, at rank k + 1 it is out", () => {
  const judgements = new Map([["y", 1]]);
  near(ndcg(["x", "y"], judgements, 2), 1 / Math.log2(3));
  assert.deepEqual(scoreRanking(["x", "y"], judgements, 1), { ndcg: 0, recall: 0, reciprocalRank: 0 });
  assert.equal(recall(["x", "y"], judgements, 2), 1);
  assert.equal(reciprocalRank(["x", "y"], judgements, 2), 0.5);
});

test("the ideal is cut at k as well", () => {
  const judgements = new Map(Array.from({ length: 20 }, (_, index) => [`d${index}`, 1] as const));
  near(ndcg([...judgements.keys()], judgements, 10), 1);
  assert.equal(recall([...judgements.keys()], judgements, 10), 0.5);
});

test("recall counts relevant documents, whatever their grade", () => {
  assert.equal(recall(["a", "e", "d", "unjudged"], example, 10), 2 / 7);
});

test("a grade of 0 or less is not relevant and gains nothing", () => {
  const judgements = new Map([
    ["bad", -1],
    ["none", 0],
    ["good", 1],
  ]);
  assert.equal(reciprocalRank(["bad", "none", "good"], judgements, 10), 1 / 3);
  near(ndcg(["bad", "good"], judgements, 10), 1 / Math.log2(3));
  assert.equal(recall(["bad", "none"], judgements, 10), 0);
});

test("with nothing relevant, or nothing found, every score is 0 and none is NaN", () => {
  const zero = { ndcg: 0, recall: 0, reciprocalRank: 0 };
  assert.deepEqual(scoreRanking(["a"], new Map([["a", 0]]), 10), zero);
  assert.deepEqual(scoreRanking(["a"], new Map(), 10), zero);
  assert.deepEqual(scoreRanking([], new Map([["a", 1]]), 10), zero);
});

test("a repeated document counts once", () => {
  const judgements = new Map([
    ["a", 1],
    ["b", 1],
  ]);
  assert.equal(recall(["a", "a"], judgements, 10), 0.5);
  near(ndcg(["a", "a"], judgements, 10), 1 / (1 + 1 / Math.log2(3)));
});

test("scores stay within 0 and 1, and the judged documents in order of grade reach nDCG 1", () => {
  const judged = fc.dictionary(fc.stringMatching(/^[a-f]{1,2}$/), fc.integer({ min: -1, max: 4 }), { maxKeys: 12 });
  const rankings = fc.array(fc.stringMatching(/^[a-f]{1,2}$/), { maxLength: 15 });
  fc.assert(
    fc.property(judged, rankings, fc.integer({ min: 1, max: 12 }), (grades, ranking, k) => {
      const judgements = new Map(Object.entries(grades));
      for (const score of Object.values(scoreRanking(ranking, judgements, k))) assert.ok(score >= 0 && score <= 1);
      const best = [...judgements].sort((left, right) => right[1] - left[1]).map(([id]) => id);
      const anyRelevant = [...judgements.values()].some((grade) => grade > 0);
      near(ndcg(best, judgements, k), anyRelevant ? 1 : 0);
    }),
  );
});
