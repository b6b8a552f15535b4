import assert from "node:assert/strict";
import { test } from "node:test";
import { medianDifference } from "./paired-median.ts";

const pairsOf = (...differences: number[]) => differences.map((difference) => [10, 10 + difference] as const);

test("is the middle of the differences, between the ranks of the sign test", () => {
  // Of ten the second least and the second greatest: tables of the sign test give 2 for 5 %.
  const ten = medianDifference(pairsOf(4, 1, 3, 2, 5, 10, 9, 8, 7, 6));
  assert.deepEqual(ten, { median: 5.5, from: 2, to: 9 });
  // Of twenty the sixth.
  const twenty = medianDifference(pairsOf(...Array.from({ length: 20 }, (_, at) => at + 1)));
  assert.deepEqual(twenty, { median: 10.5, from: 6, to: 15 });
});

test("six differences have it, from the least to the greatest, and five do not", () => {
  assert.deepEqual(medianDifference(pairsOf(1, 2, 3, 4, 5, 60)), { median: 3.5, from: 1, to: 60 });
  assert.throws(() => medianDifference(pairsOf(1, 2, 3, 4, 5)), RangeError);
});
