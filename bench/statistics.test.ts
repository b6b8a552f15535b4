import assert from "node:assert/strict";
import { test } from "node:test";
import { createSeeded } from "../test/support/seeded.ts";
import { mean, percentile, spread } from "./statistics.ts";

test("the median of an odd and of an even number, with the extremes", () => {
  assert.deepEqual(spread([9, 1, 5]), { median: 5, min: 1, max: 9 });
  assert.deepEqual(spread([4, 1, 10, 2]), { median: 3, min: 1, max: 10 });
  assert.deepEqual(spread([7]), { median: 7, min: 7, max: 7 });
});

test("percentiles are samples, by nearest rank", () => {
  const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
  assert.equal(percentile(samples, 50), 100);
  assert.equal(percentile(samples, 99), 198);
  assert.equal(percentile(samples, 100), 200);
  assert.equal(percentile([3], 1), 3);
});

test("no samples, no figure", () => {
  assert.throws(() => spread([]), RangeError);
  assert.throws(() => percentile([], 50), RangeError);
  assert.throws(() => mean([]), RangeError);
});

test("random numbers repeat with their seed, differ without, and fill 0 to 1", () => {
  const draw = (seed: number) => {
    const random = createSeeded(seed);
    return Array.from({ length: 10_000 }, () => random());
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  assert.ok(Math.abs(mean(draw(1)) - 0.5) < 0.02);
  assert.ok(draw(3).every((value) => value >= 0 && value < 1));
});
