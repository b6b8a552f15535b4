import assert from "node:assert/strict";
import { test } from "node:test";
import { dot, eliminate, fitChoice, fitLogistic } from "../../eval/answers/models.ts";

/** Numbers from 0 to 1 that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("the weights that chose and decided are found again, and a feature that says nothing is left out", () => {
  const next = numbers(7);
  const truth = [3, -20, 0];
  const gumbel = () => -Math.log(-Math.log(next()));
  const choices = Array.from({ length: 3000 }, () => {
    const rows = Array.from({ length: 6 }, () => [next(), next() / 10, next()]);
    const scores = rows.map((row) => dot(truth, row) + gumbel());
    const best = Math.max(...scores);
    return { rows, right: scores.map((score) => score === best) };
  });
  const fitted = fitChoice(choices, 3);
  for (const [at, weight] of fitted.weights.entries()) {
    const wanted = truth[at] ?? 0;
    assert.ok(Math.abs(weight - wanted) < Math.max(0.3, 0.12 * Math.abs(wanted)), `${weight} for ${wanted}`);
  }
  const { kept } = eliminate(["a", "b", "c"], (columns) =>
    fitChoice(
      choices.map(({ rows, right }) => ({ right, rows: rows.map((row) => columns.map((column) => row[column] ?? 0)) })),
      columns.length,
    ),
  );
  assert.deepEqual(kept, [0, 1]);

  const rows = Array.from({ length: 4000 }, () => [next() * 4, 1]);
  const labels = rows.map((row) => next() < 1 / (1 + Math.exp(-dot([2, -4], row))));
  const [slope = 0, bias = 0] = fitLogistic(rows, labels, 2, 1).weights;
  assert.ok(Math.abs(slope - 2) < 0.2 && Math.abs(bias + 4) < 0.4, `${slope} ${bias}`);
});

test("data whose first whole step would overshoot still end at the best weights", () => {
  const rows = [
    [1000, 1],
    [1, 1],
    [0, 1],
    [2, 1],
  ];
  const { weights } = fitLogistic(rows, [true, false, false, true], 2, 1);
  assert.ok(weights.every(Number.isFinite), String(weights));
  assert.ok(dot(weights, [1000, 1]) > dot(weights, [0, 1]));
});
