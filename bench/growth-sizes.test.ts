import assert from "node:assert/strict";
import { test } from "node:test";
import { sizesUpTo } from "./growth-sizes.ts";

test("the size that is asked for is the last that is measured, whatever it is", () => {
  assert.deepEqual(sizesUpTo(100_000), [1_000, 10_000, 100_000]);
  assert.deepEqual(sizesUpTo(50_000), [1_000, 10_000, 50_000]);
  assert.deepEqual(sizesUpTo(1_000_000), [1_000, 10_000, 100_000, 1_000_000]);
  assert.deepEqual(sizesUpTo(1_000), [1_000]);
  assert.deepEqual(sizesUpTo(300), [300]);
});
