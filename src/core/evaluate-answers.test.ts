import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "./answer/types.ts";
import { auroc, evaluateAnswers, says, wrongAt } from "./evaluate-answers.ts";

const source = { uri: "file:///a", title: "", heading: "", start: 0, end: 1, version: "1", ordinal: 0, metadata: {} };

/** An answer of these sentences, each its own quote. */
function answerOf(answerability: number, ...sentences: string[]): Answer {
  return {
    passages: [],
    sentences: sentences.map((text) => ({
      text,
      basis: "quoted",
      citations: [{ quote: text, passage: 1, source }],
    })),
    answerability,
    dropped: { unquoted: 0, unsupported: 0, garbled: 0, surplus: 0 },
    usage: { inputTokens: 0, outputTokens: 0 },
    generator: "scripted",
    timings: { searchMs: 0, evidenceMs: 0, generateMs: 0, tookMs: 0 },
  };
}

test("an answer is said by its words in a row, whatever stands between them, and not by a part of a word", () => {
  assert.ok(says("Backups are kept for **30 days**.", "30  Days"));
  assert.ok(says("It cost $1.2 million.", "$1.2 million"));
  assert.ok(!says("It seats fourteen.", "four"));
  assert.ok(!says("30 whole days", "30 days"));
  assert.ok(says("ten % of it", "%"));
});

test("AUROC counts pairs, ties half; what is wrong at a coverage is counted at the threshold that reaches it", () => {
  assert.equal(auroc([0.9, 0.8], [0.1, 0.8]), 3.5 / 4);
  const positives = Array.from({ length: 20 }, (_, at) => at / 20);
  assert.equal(wrongAt(0.95, positives, [0, 0.04, 0.05, 0.9]), 0.5);
  assert.equal(wrongAt(1, positives, [0, 0.04, 0.05, 0.9]), 1);
});

const question = { text: "how long?", answers: ["30 days"], documents: ["d1"] };

test("places, abstentions and quotes are counted over the answers", async () => {
  const answers = new Map([
    ["one", answerOf(0.9, "Kept 30 days.", "Elsewhere.")],
    ["two", answerOf(0.2, "Elsewhere.", "Kept 30 days.")],
    ["three", answerOf(0.8, "Elsewhere.", "Invented.", "No.", "Kept 30 days.")],
    ["none", answerOf(0.5, "Elsewhere.")],
  ]);
  const asked: string[] = [];
  const evaluation = await evaluateAnswers({
    questions: [
      ...["one", "two", "three"].map((id) => ({ ...question, id, text: id })),
      { id: "none", text: "none", answers: [], documents: [] },
    ],
    insist: async (text) => answers.get(text) ?? assert.fail(text),
    ask: async (text) => {
      asked.push(text);
      return answers.get(text) ?? assert.fail(text);
    },
    enough: (answerability) => answerability >= 0.5,
    without: () => assert.fail("the set has questions that nothing answers"),
    textOf: () => "Kept\n30 days. Elsewhere. No.",
    concurrency: 2,
  });
  assert.deepEqual(asked, ["none"]);
  assert.deepEqual(evaluation, {
    questions: { answerable: 3, unanswerable: 1 },
    first_sentence: 1 / 3,
    first_three: 2 / 3,
    quotes: { shown: 9, not_in_document: 1 },
    auroc: 2 / 3,
    wrong_at_95: 1,
    answered: 2 / 3,
    answered_wrongly: 1,
  });
});

test("without unanswerable questions each is asked again without its documents, one set of documents at a time", async () => {
  const out: string[][] = [];
  const seen: string[] = [];
  const evaluation = await evaluateAnswers({
    questions: [
      { ...question, id: "a" },
      { ...question, id: "b", documents: ["d2", "d1"] },
      { ...question, id: "c" },
    ],
    insist: async () => answerOf(0.9, "Kept 30 days."),
    ask: async () => answerOf(0.1),
    enough: () => true,
    without: async (documents, body) => {
      out.push([...documents]);
      await body();
    },
    textOf: () => "Kept 30 days.",
    onProgress: ({ done, total }) => seen.push(`${done}/${total}`),
  });
  assert.deepEqual(out, [["d1"], ["d1", "d2"]]);
  assert.equal(seen.at(-1), "6/6");
  assert.deepEqual([evaluation.auroc, evaluation.wrong_at_95, evaluation.answered_wrongly], [1, 0, 0]);
});

test("a set without any answer, a failure and a signal are errors", async () => {
  const input = {
    questions: [{ ...question, id: "a" }],
    insist: async () => answerOf(1),
    ask: async () => answerOf(1),
    enough: () => true,
    without: (_: readonly string[], body: () => Promise<void>) => body(),
    textOf: () => undefined,
  };
  const none = { ...input, questions: [{ ...question, id: "a", answers: [] }] };
  await assert.rejects(evaluateAnswers(none), { code: "query_invalid" });
  await assert.rejects(evaluateAnswers({ ...input, signal: AbortSignal.abort() }), { code: "cancelled" });
  await assert.rejects(evaluateAnswers({ ...input, insist: () => Promise.reject(new Error("down")) }), /down/);
});
