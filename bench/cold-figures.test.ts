import assert from "node:assert/strict";
import { test } from "node:test";
import { judged, type Start } from "./cold-figures.ts";

const starts = (...answered: readonly number[]): Start[] =>
  answered.map((each) => ({ init: each / 2, answered: each }));

test("each of their starts is divided by the median of its own block, and the median is one and the same everywhere", () => {
  const blocks = [
    { mine: starts(100, 300), other: { init: 1, answered: 4000 } },
    { mine: starts(200, 600), other: { init: 1, answered: 2000 } },
  ];
  const { figures, budgets } = judged(blocks, [500, 520]);
  const faster = figures.find(({ unit }) => unit === "x");
  assert.deepEqual(faster?.samples, [4000 / 200, 2000 / 400]);
  const measured = Object.fromEntries(budgets.map((each) => [each.what, each.measured]));
  assert.deepEqual(measured, {
    // Between the two in the middle, as in the figure of all samples.
    "cold start to the first answer, p50": 250,
    "cold start to the first answer, p99": 600,
    "answer after a thaw with a dead connection": 520,
    "cold start, faster than Python": (20 + 5) / 2,
  });
});

test("of a hundred starts the p99 is the last but one", () => {
  const hundred = starts(...Array.from({ length: 100 }, (_, index) => index + 1));
  const { figures, budgets } = judged([{ mine: hundred, other: undefined }], [1]);
  assert.equal(budgets.find(({ what }) => what.endsWith("p99"))?.measured, 99);
  assert.ok(figures.every(({ unit }) => unit === "ms"));
  assert.ok(!budgets.some(({ what }) => what.includes("Python")));
});
