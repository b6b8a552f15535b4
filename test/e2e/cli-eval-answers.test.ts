import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { deskFor } from "../support/cli.ts";

const documents = [
  ["backups", "Backups are kept for 30 days. They lie in another region."],
  ["heron", "The heron eats fish at dawn. It stands still for hours."],
  ["turbine", "A turbine turns wind into current. The largest one is 260 metres tall."],
] as const;
const questions = [
  ["q1", "How long are backups kept?", "backups", "30 days"],
  ["q2", "What does the heron eat?", "heron", "fish"],
  ["q3", "How tall is the largest turbine?", "turbine", "260 metres"],
] as const;

/** A BEIR folder with answers beside it. */
function writeSet(write: (name: string, content: string) => string, answers: Record<string, readonly string[]>): void {
  const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join("\n");
  write("set/corpus.jsonl", lines(documents.map(([id, text]) => ({ _id: id, title: "", text }))));
  write(
    "set/queries.jsonl",
    lines([...questions, ["q4", "Who founded the museum?"]].map(([_id, text]) => ({ _id, text }))),
  );
  write("set/qrels/test.tsv", questions.map(([id, , document]) => `${id}\t${document}\t1`).join("\n"));
  write("set/answers.json", JSON.stringify(answers));
}

const wanted = Object.fromEntries(questions.map(([id, , , answer]) => [id, [answer]]));

test("eval --answers asks with each question's documents there and taken out, and nothing it quotes is invented", async (context) => {
  const { write, run, folder } = deskFor(context);
  writeSet(write, wanted);
  const { code, stdout, stderr } = await run("eval", "--answers", join(folder, "documents/set"), "--json");
  assert.equal(code, 0, stderr);
  const evaluation = JSON.parse(stdout);
  assert.deepEqual(evaluation.questions, { answerable: 3, unanswerable: 3 });
  assert.deepEqual([evaluation.first_sentence, evaluation.first_three], [1, 1]);
  assert.equal(evaluation.quotes.not_in_document, 0);
  assert.ok(evaluation.quotes.shown >= 3);
  assert.equal(evaluation.auroc, 1);
});

test("a question without an answer is one that the documents do not answer; the table says the same in words", async (context) => {
  const { write, run, folder } = deskFor(context);
  writeSet(write, { ...wanted, q4: [] });
  const { code, stdout, stderr } = await run("eval", join(folder, "documents/set"), "--answers");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^3 questions that the documents answer, 1 that they do not$/m);
  assert.match(stdout, /^answer in the first sentence +1\.000$/m);
  assert.match(stdout, /^quotes +\d+ quotes?, 0 not in the document$/m);
});

test("a folder without answers.json says what belongs there", async (context) => {
  const { run } = deskFor(context);
  const { code, stderr } = await run("eval", "--answers", join(import.meta.dirname, "../../eval/docs-set"));
  assert.equal(code, 1);
  assert.match(stderr, /There is no file .*answers\.json\. It names the answers/);
});
