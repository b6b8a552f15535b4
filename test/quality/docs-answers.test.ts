import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  answerLosses,
  linesOf,
  measureDocsAnswers,
  readAnswerBaseline,
  readDocsAnswers,
  writeAnswerBaseline,
} from "../../eval/answers/docs-answers.ts";
import { classHere, readSample } from "../../eval/processor.ts";
import { parseSettings } from "../../src/config/parse.ts";
import { says } from "../../src/core/evaluate-answers.ts";

test("answers to the questions about the docs are as good as the baseline, and every quote stands in its document", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-docs-answers-"));
  try {
    const measured = await measureDocsAnswers(parseSettings({ ISTHMUS_DATA_DIR: folder }));
    const processor = await classHere(await readSample());
    const losses = answerLosses(measured, await readAnswerBaseline(), processor);
    assert.deepEqual(losses, [], linesOf(measured).join("\n"));
    assert.ok(measured.evaluation.quotes.shown >= 40);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("there are at least 40 answerable and 25 unanswerable questions, and the documents named say what the answers say", async () => {
  const { documents, questions } = await readDocsAnswers();
  const texts = new Map(documents.map(({ id, title, text }) => [id, `${title}\n${text}`]));
  const answerable = questions.filter(({ answers }) => answers.length > 0);
  assert.ok(answerable.length >= 40 && questions.length - answerable.length >= 25);
  assert.equal(new Set(questions.map(({ text }) => text)).size, questions.length);
  for (const { id, answers, documents: named } of answerable) {
    for (const document of named) {
      const text = texts.get(document) ?? assert.fail(`${id} names ${document}`);
      assert.ok(
        answers.some((answer) => says(text, answer)),
        `${id}: ${document} says none of ${answers.join(", ")}`,
      );
    }
    for (const answer of answers)
      assert.ok(
        named.some((document) => says(texts.get(document) ?? "", answer)),
        `${id}: ${answer}`,
      );
  }
});

const evaluation = {
  questions: { answerable: 48, unanswerable: 40 },
  first_sentence: 0,
  first_three: 0,
  quotes: { shown: 100, not_in_document: 0 },
  auroc: 0,
  wrong_at_95: 0,
  answered: 0,
  answered_wrongly: 0,
};
const figures = { first_sentence: 30, first_three: 40, answered: 36, abstained: 38, auroc: 0.94 };

test("one question that changes places is no loss where vectors are the same bits, two are; a strange processor may take three", () => {
  const baseline = { here: figures, there: { ...figures, first_sentence: 29 } };
  const lost = (change: Partial<typeof figures>, processor?: string) =>
    answerLosses({ evaluation, figures: { ...figures, ...change } }, baseline, processor);
  assert.deepEqual(lost({ first_sentence: 29, answered: 35, auroc: 0.931 }, "here"), []);
  assert.deepEqual(lost({ first_sentence: 28 }, "here"), ["docs-answers, first_sentence: fell from 30 to 28"]);
  assert.deepEqual(lost({ abstained: 36, auroc: 0.92 }, "here").length, 2);
  assert.deepEqual(lost({ first_sentence: 26, abstained: 35, auroc: 0.911 }), []);
  assert.deepEqual(lost({ first_sentence: 25 }), ["docs-answers, first_sentence: fell from 29 to 25"]);
  assert.deepEqual(lost({ first_sentence: 25 }, "unknown").length, 1);
});

test("a quote that stands in no document is a loss whatever the baseline says", () => {
  const invented = { ...evaluation, quotes: { shown: 100, not_in_document: 1 } };
  assert.deepEqual(answerLosses({ evaluation: invented, figures }, {}, undefined), [
    "docs-answers: 1 quotes stand in no document",
  ]);
});

test("a new baseline forgets what other processors had found, unless nothing changed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-answer-baseline-"));
  const path = join(folder, "baseline.json");
  try {
    await writeFile(path, JSON.stringify({ here: figures, there: figures }));
    await writeAnswerBaseline("here", figures, path);
    assert.deepEqual(await readAnswerBaseline(path), { here: figures, there: figures });
    await writeAnswerBaseline("here", { ...figures, answered: 37 }, path);
    assert.deepEqual(await readAnswerBaseline(path), { here: { ...figures, answered: 37 } });
  } finally {
    await rm(folder, { recursive: true });
  }
});
