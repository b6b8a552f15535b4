import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "./errors.ts";
import { type EvaluationProgress, evaluate, evaluateRun, rankDocuments } from "./evaluate.ts";

const judgements = new Map([
  ["q1", new Map([["a", 1]])],
  ["q2", new Map([["b", 2]])],
]);
const queries = [
  { id: "q1", text: "first" },
  { id: "q2", text: "second" },
  { id: "q3", text: "nobody judged this" },
];

function hasCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof IsthmusError && thrown.code === code;
}

test("every judged query runs in every mode, and each mode gets its own means", async () => {
  const asked: string[] = [];
  const progress: EvaluationProgress[] = [];
  const evaluation = await evaluate({
    queries,
    judgements,
    search: async (text, mode) => {
      asked.push(`${mode} ${text}`);
      if (mode === "vector") return text === "first" ? ["a"] : ["b"];
      if (mode === "keyword") return text === "first" ? ["x", "a"] : [];
      return [];
    },
    onProgress: (step) => progress.push(step),
  });
  assert.deepEqual(evaluation, {
    vector: { "ndcg@10": 1, "recall@10": 1, "mrr@10": 1 },
    keyword: { "ndcg@10": 1 / Math.log2(3) / 2, "recall@10": 0.5, "mrr@10": 0.25 },
    hybrid: { "ndcg@10": 0, "recall@10": 0, "mrr@10": 0 },
  });
  assert.deepEqual(asked, [
    "vector first",
    "keyword first",
    "hybrid first",
    "vector second",
    "keyword second",
    "hybrid second",
  ]);
  assert.deepEqual(progress, [
    { done: 1, total: 2 },
    { done: 2, total: 2 },
  ]);
});

test("a run without one judged query is an error, not NaN", () => {
  assert.throws(() => evaluateRun(new Map([["other", ["a"]]]), judgements), hasCode("query_invalid"));
  assert.throws(() => evaluateRun(new Map([["q", ["a"]]]), new Map([["q", new Map()]])), hasCode("query_invalid"));
});

test("queries without judgements are left out of the mean, empty rankings are not", () => {
  const rankings = new Map([
    ["q1", ["a"]],
    ["q2", []],
    ["q3", ["a"]],
  ]);
  assert.equal(evaluateRun(rankings, judgements)["ndcg@10"], 0.5);
});

test("the signal stops the evaluation", async () => {
  const controller = new AbortController();
  const search = async () => {
    controller.abort();
    return [];
  };
  await assert.rejects(evaluate({ queries, judgements, search, signal: controller.signal }), hasCode("cancelled"));
});

test("a failing search fails the evaluation", async () => {
  const search = async () => {
    throw new IsthmusError("store_unavailable", "The store did not answer.");
  };
  await assert.rejects(evaluate({ queries, judgements, search }), hasCode("store_unavailable"));
});

test("a document stands where its best chunk stands", () => {
  const hits = [
    { id: "a", score: 0.2 },
    { id: "b", score: 0.9 },
    { id: "a", score: 0.95 },
    { id: undefined, score: 1 },
    { id: "c", score: 0.9 },
  ];
  assert.deepEqual(
    rankDocuments(hits, (hit) => hit.id),
    ["a", "b", "c"],
  );
});
