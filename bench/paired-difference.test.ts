import assert from "node:assert/strict";
import { test } from "node:test";
import { pairedDifference } from "./paired-difference.ts";

const scores = (...values: number[]) => new Map(values.map((value, index) => [`q${index}`, value]));

test("the mean difference of pairs with its standard error, left minus right", () => {
  // Differences 2, 4, 9: mean 5; squares 9 + 1 + 16 = 26; variance 13; √(13 / 3).
  const { mean, standardError, pairs } = pairedDifference(scores(3, 6, 10), scores(1, 2, 1));
  assert.deepEqual([mean, pairs], [5, 3]);
  assert.ok(Math.abs(standardError - Math.sqrt(13 / 3)) < 1e-12, String(standardError));
  assert.equal(pairedDifference(scores(1, 2), scores(3, 6)).mean, -3);
});

test("what is harder for both is no error, and equal scores have none", () => {
  const { mean, standardError } = pairedDifference(scores(0.25, 0.5, 1), scores(0, 0.25, 0.75));
  assert.deepEqual([mean, standardError], [0.25, 0]);
});

test("scores are paired by name, not by place", () => {
  const turned = new Map([...scores(1, 5, 9)].reverse());
  assert.deepEqual(pairedDifference(scores(1, 5, 9), turned), { mean: 0, standardError: 0, pairs: 3 });
});

test("scores without a partner, or a single pair, are an error", () => {
  assert.throws(() => pairedDifference(scores(1, 2), scores(1, 2, 3)), RangeError);
  assert.throws(() => pairedDifference(scores(1, 2), new Map([...scores(1), ["other", 2]])), /"q1"/);
  assert.throws(() => pairedDifference(scores(1), scores(1)), RangeError);
});
