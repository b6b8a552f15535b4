import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deskFor } from "../support/cli.ts";

test("model shows and verifies the model that ships", async (context) => {
  const { run } = deskFor(context);
  const shown = (await run("model", "show", "--json")).json<{
    model: string;
    dimensions: number;
    max_tokens: number;
  }>();
  assert.deepEqual(
    [shown.model, shown.dimensions, shown.max_tokens],
    ["sentence-transformers/all-MiniLM-L6-v2", 384, 256],
  );
  assert.match((await run("model", "verify")).stdout, /files match their checksums/);
  assert.match((await run("model", "polish")).stderr, /show, verify, fetch, add or list/);
});

test("a change of the model is refused with the way out", async (context) => {
  const { write, run, environment } = deskFor(context);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  const other = deskFor(context, {
    ISTHMUS_DATA_DIR: String(environment["ISTHMUS_DATA_DIR"]),
    ISTHMUS_EMBEDDING_URL: "http://127.0.0.1:9/v1",
    ISTHMUS_EMBEDDING_MODEL: "other",
    ISTHMUS_EMBEDDING_DIMENSIONS: "8",
  });
  const { code, stderr } = await other.run("query", "alpha");
  assert.equal(code, 1);
  assert.match(stderr, /all-MiniLM-L6-v2/);
});

test("doctor looks at everything and finds a damaged index", async (context) => {
  const { write, run, folder } = deskFor(context);
  const fresh = await run("doctor", "--json");
  assert.equal(fresh.code, 0, fresh.stderr);
  const { findings } = fresh.json<{ findings: { check: string; level: string; found: string }[] }>();
  const checks = findings.map((finding) => finding.check);
  assert.deepEqual(checks, ["node", "cpu", "memory", "data folder", "disk", "model", "embedder", "index"]);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  const english = (await run("doctor")).stdout;
  assert.match(english, /index: 1 documents?, 1 chunks?/);
  assert.match(english, /ok {4}languages: English, as far as can be told/);
  write("b.txt", "Die Wäsche hängt im Garten, und es regnet schon wieder.");
  write("c.txt", "Кошка спит на диване весь день.");
  await run("ingest", "documents");
  assert.match((await run("doctor")).stdout, /note {2}languages: German and Russian, beside English/);
  const status = await run("status", "--json");
  assert.deepEqual(status.json<{ languages: string[] }>().languages, ["de", "ru"]);
  assert.match((await run("status")).stdout, /Languages beside English: German and Russian/);
  assert.deepEqual((await run("status", "documents/a.txt", "--json")).json<{ languages: string[] }>().languages, []);
  write("../data/index.sqlite", "this is no database, but it is long enough to look like one".repeat(100));
  for (const side of ["index.sqlite-wal", "index.sqlite-shm"]) rmSync(join(folder, "data", side), { force: true });
  const damaged = await run("doctor");
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout, /FAIL\s+index: /);
});

test("a data folder that cannot be made is a clear error at once", async (context) => {
  const blocked = deskFor(context);
  const file = blocked.write("file", "no folder");
  for (const dataDir of [file, join(file, "below"), ...(process.platform === "linux" ? ["/proc/isthmus"] : [])]) {
    const { run, write } = deskFor(context, { ISTHMUS_DATA_DIR: dataDir });
    write("a.txt", "alpha");
    const ingested = await run("ingest", "documents");
    assert.equal(ingested.code, 1, dataDir);
    assert.match(ingested.stderr, /data folder .* cannot be written .*ISTHMUS_DATA_DIR/);
    const looked = await run("doctor");
    assert.equal(looked.code, 1);
    assert.match(looked.stdout, /FAIL {2}data folder: /);
    assert.doesNotMatch(looked.stdout, /0\.0 Gi?B free/);
  }
});

test("eval scores a BEIR folder in three modes", async (context) => {
  const { write, run, folder } = deskFor(context);
  const texts = ["The heron eats fish at dawn.", "A turbine turns wind into current.", "Bread rises because of yeast."];
  write(
    "set/corpus.jsonl",
    texts.map((text, index) => JSON.stringify({ _id: `d${index}`, title: "", text })).join("\n"),
  );
  write(
    "set/queries.jsonl",
    '{"_id":"q1","text":"what makes bread rise"}\n{"_id":"q2","text":"electricity from air"}\n',
  );
  write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t1\n");
  const { code, stdout, stderr } = await run("eval", join(folder, "documents/set"), "--json");
  assert.equal(code, 0, stderr);
  const scores = JSON.parse(stdout);
  assert.deepEqual(Object.keys(scores), ["vector", "keyword", "hybrid"]);
  assert.deepEqual(scores.vector, { "ndcg@10": 1, "recall@10": 1, "mrr@10": 1 });
  assert.equal(scores.keyword["recall@10"], 0.5);
});
