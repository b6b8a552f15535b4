import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryOfRuns } from "./memory-figures.ts";

test("a budget of memory is judged by the greatest of the runs, and says of how many", () => {
  const runs = [500, 610, 520].map((megabytes) => ({ seconds: 10, peakMemory: megabytes * 1e6 }));
  const { figures, budgets, notes } = memoryOfRuns("10, one file", 10, runs);
  const what = "10, one file, the greatest of 3 runs";
  assert.deepEqual(budgets, [{ what, bound: "at most", limit: 600, unit: "MB", measured: 610 }]);
  assert.deepEqual(
    figures.map(({ measure, samples }) => [measure, samples.length]),
    [
      ["rate", 3],
      ["peak resident memory", 3],
    ],
  );
  assert.deepEqual(figures[0]?.samples, [1, 1, 1]);
  assert.equal(figures[1]?.samples[1], (610 * 1e6) / 2 ** 20);
  assert.deepEqual(notes, []);
});

test("nothing is judged where one of the peaks is unknown, and the rate is told all the same", () => {
  const runs = [
    { seconds: 10, peakMemory: 1e6 },
    { seconds: 20, peakMemory: undefined },
  ];
  const { figures, budgets, notes } = memoryOfRuns("x", 10, runs);
  assert.deepEqual([figures.length, budgets.length], [1, 0]);
  assert.deepEqual(figures[0]?.samples, [1, 0.5]);
  assert.match(notes[0] ?? "", /^x: this system does not tell/);
});
