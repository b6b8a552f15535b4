import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { IsthmusError } from "../../core/errors.ts";
import { readAnswerSet } from "./answers.ts";
import { createCorpusSource } from "./source.ts";

/** Runs `body` on a folder of two documents and three queries whose answers.json is as told. */
async function withAnswers(answers: unknown, body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-answers-"));
  try {
    await mkdir(join(folder, "qrels"));
    await writeFile(
      join(folder, "corpus.jsonl"),
      '{"_id":"d1","title":"One","text":"first"}\n{"_id":"d2","text":"second"}\n',
    );
    await writeFile(
      join(folder, "queries.jsonl"),
      '{"_id":"q1","text":"which?"}\n{"_id":"q2","text":"what?"}\n{"_id":"q3","text":"who?"}\n',
    );
    await writeFile(join(folder, "qrels/test.tsv"), "q1\td1\t2\nq1\td2\t0\nq3\td2\t1\n");
    await writeFile(join(folder, "answers.json"), typeof answers === "string" ? answers : JSON.stringify(answers));
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("questions come with their answers and the documents that give them, those without an entry not at all", async () => {
  await withAnswers({ q1: ["first"], q2: [] }, async (folder) => {
    const { questions, documents } = await readAnswerSet(folder);
    assert.deepEqual(questions, [
      { id: "q1", text: "which?", answers: ["first"], documents: ["d1"] },
      { id: "q2", text: "what?", answers: [], documents: [] },
    ]);
    assert.deepEqual(
      documents.map(({ id }) => id),
      ["d1", "d2"],
    );
  });
});

for (const [answers, message] of [
  ["{", /answers\.json: it is not JSON\.$/],
  ["[]", /answers\.json: the file: /],
  [{ q1: "30 days" }, /answers\.json: q1: /],
  [{ q1: [" "] }, /answers\.json: q1\.0: /],
  [{ q9: [] }, /answers\.json: "q9" is no query of queries\.jsonl\.$/],
  [{ q2: ["Ada"] }, /answers\.json: "q2" has an answer, and qrels\/test\.tsv names no document that gives it\.$/],
] as const) {
  test(`${JSON.stringify(answers)} is told with the file and the question`, async () => {
    await withAnswers(answers, async (folder) => {
      await assert.rejects(readAnswerSet(folder), (error) => {
        assert.ok(error instanceof IsthmusError && error.code === "record_invalid", String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  });
}

test("a corpus is a source of one object for each document, named by its place, whose bytes are its record", async () => {
  const documents = [
    { id: "a#b", title: "T", text: "first" },
    { id: "c", title: "", text: "second" },
  ];
  const source = createCorpusSource(documents);
  const uris: string[] = [];
  for await (const listed of source.list()) {
    if (listed.kind !== "object") assert.fail(listed.kind);
    uris.push(listed.ref.uri);
    assert.deepEqual(await source.head(listed.ref.uri), listed.ref);
    const bytes: Uint8Array[] = [];
    for await (const piece of source.read(listed.ref)) bytes.push(piece);
    assert.equal(Buffer.concat(bytes).length, listed.ref.size);
  }
  assert.deepEqual(uris, [source.uriOf("a#b"), source.uriOf("c")]);
  assert.equal(source.documentOf(`${uris[0]}#a%23b`), documents[0]);
  assert.equal(await source.head("file:///corpus/none"), undefined);
});
