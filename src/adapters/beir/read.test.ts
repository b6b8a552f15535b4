import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { IsthmusError } from "../../core/errors.ts";
import { type BeirDocument, readBeir, readBeirCorpus } from "./read.ts";

const good = {
  "corpus.jsonl": '{"_id":"d1","title":"One","text":"first"}\n{"_id":"d2","text":"second"}\n',
  "queries.jsonl": '{"_id":"q1","text":"which?"}\n{"_id":"q2","text":"unjudged"}\n',
  "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n",
};

/** Runs `body` on a folder with the good files, changed as told; undefined leaves a file out. */
async function withFolder(
  changes: Partial<Record<keyof typeof good, string | undefined>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-beir-"));
  try {
    await mkdir(join(folder, "qrels"));
    for (const [name, content] of Object.entries({ ...good, ...changes })) {
      if (content !== undefined) await writeFile(join(folder, name), content);
    }
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function fails(code: string, ...words: string[]): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof IsthmusError, String(thrown));
    assert.equal(thrown.code, code);
    for (const word of words) assert.ok(thrown.message.includes(word), `${thrown.message} lacks ${word}`);
    return true;
  };
}

test("a folder in BEIR's layout is read", async () => {
  await withFolder({}, async (folder) => {
    const set = await readBeir(folder);
    assert.equal(set.corpusPath, join(folder, "corpus.jsonl"));
    assert.deepEqual(set.queries, [
      { id: "q1", text: "which?" },
      { id: "q2", text: "unjudged" },
    ]);
    const grades = new Map([
      ["d1", 2],
      ["d2", 0],
    ]);
    assert.deepEqual(set.judgements, new Map([["q1", grades]]));
  });
});

test("a byte order mark, CRLF, blank lines, no last line end and no heading are all fine", async () => {
  const changes = {
    "queries.jsonl": '\uFEFF{"_id":"q1","text":"which?"}\r\n\r\n{"_id":"q2","text":"last"}',
    "qrels/test.tsv": "q1\td1\t1\r\n\r\n",
  };
  await withFolder(changes, async (folder) => {
    const set = await readBeir(folder);
    assert.deepEqual(
      set.queries.map((query) => query.id),
      ["q1", "q2"],
    );
    assert.deepEqual(set.judgements, new Map([["q1", new Map([["d1", 1]])]]));
  });
});

test("U+2028 inside a JSON string does not end the line, and lines longer than a read are whole", async () => {
  const long = "é".repeat(200_000);
  const corpus = `{"_id":"d1","text":"one\u2028two"}\n{"_id":"d2","title":"","text":"${long}"}\n`;
  await withFolder({ "corpus.jsonl": corpus }, async (folder) => {
    const documents: BeirDocument[] = [];
    for await (const document of readBeirCorpus(join(folder, "corpus.jsonl"))) documents.push(document);
    assert.deepEqual(documents, [
      { id: "d1", title: "", text: "one\u2028two" },
      { id: "d2", title: "", text: long },
    ]);
  });
});

for (const name of ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"] as const) {
  test(`without ${name} the error names it and the layout`, async () => {
    await withFolder({ [name]: undefined }, async (folder) => {
      const missing = join(folder, ...name.split("/"));
      await assert.rejects(readBeir(folder), fails("source_not_found", missing, "queries.jsonl and qrels/test.tsv"));
    });
  });
}

test("a folder that does not exist is told by its corpus", async () => {
  await assert.rejects(readBeir(join(tmpdir(), "isthmus-no-such-folder")), fails("source_not_found", "corpus.jsonl"));
});

const malformed: [name: keyof typeof good, content: string, line: number, word: string][] = [
  ["queries.jsonl", '{"_id":"q1","text":"a"}\n{"_id":\n', 2, "not JSON"],
  ["queries.jsonl", '{"_id":"q1"}\n', 1, "text"],
  ["queries.jsonl", '{"_id":7,"text":"a"}\n', 1, "_id"],
  ["queries.jsonl", "[]\n", 1, "the line"],
  ["queries.jsonl", '{"_id":"q1","text":"a"}\n\n{"_id":"q1","text":"b"}\n', 3, "second time"],
  ["qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", 2, "three tab-separated"],
  ["qrels/test.tsv", "q1\td1\tgood\n", 1, "three tab-separated"],
  ["qrels/test.tsv", "q1\td1\t1.5\n", 1, "three tab-separated"],
  ["qrels/test.tsv", "q1 0 d1 1\n", 1, "three tab-separated"],
  ["qrels/test.tsv", "q1\td1\t1\nq1\td1\t2\n", 2, "second time"],
];
for (const [name, content, line, word] of malformed) {
  test(`${name} with ${JSON.stringify(content)} names line ${line}`, async () => {
    await withFolder({ [name]: content }, async (folder) => {
      const path = join(folder, ...name.split("/"));
      await assert.rejects(readBeir(folder), fails("record_invalid", `${path}, line ${line}:`, word));
    });
  });
}

test("judgements of other queries alone are an error", async () => {
  await withFolder({ "qrels/test.tsv": "other\td1\t1\n" }, async (folder) => {
    await assert.rejects(readBeir(folder), fails("record_invalid", "share no query id"));
  });
});

test("a malformed corpus line names itself, not its text", async () => {
  await withFolder({ "corpus.jsonl": '{"_id":"d1","text":"a"}\n{"text":"secret words"}\n' }, async (folder) => {
    const read = async () => {
      for await (const _ of readBeirCorpus(join(folder, "corpus.jsonl")));
    };
    await assert.rejects(read, (thrown) => {
      assert.ok(thrown instanceof IsthmusError && !thrown.message.includes("secret"));
      return fails("record_invalid", "line 2", "_id")(thrown);
    });
  });
});

test("an aborted read is cancelled", async () => {
  await withFolder({}, async (folder) => {
    await assert.rejects(readBeir(folder, AbortSignal.abort()), fails("cancelled"));
  });
});
