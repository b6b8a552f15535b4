import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { IngestSummary } from "../../src/core/ingest-types.ts";
import { createDesk, type Desk } from "../support/cli.ts";

const commands = ["start", "ingest", "query", "serve", "status", "delete", "eval", "doctor", "model"];

function desk(context: TestContext, environment: NodeJS.ProcessEnv = {}): Desk {
  const made = createDesk(environment);
  context.after(() => made.clear());
  return made;
}

interface QueryAnswer {
  readonly results: readonly {
    readonly content: string;
    readonly source: { readonly uri: string; readonly heading: string; readonly start: number; readonly end: number };
    readonly score: number;
  }[];
}

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}

test("from a folder to a cited passage, and a second run that changes nothing", async (context) => {
  const { write, run, folder } = desk(context);
  const guide =
    "# Backups\n\n## Retention\n\nBackups are kept for thirty days.\n\n## Restore\n\nCall the operator on duty.\n";
  const path = write("guide.md", guide);
  write("zoo.txt", "Giraffes sleep standing up, for less than two hours a day.");
  write("people.csv", "id,name,city\n1,Ada,London\n2,Grace,New York\n");
  const first = await run("ingest", "documents", "--json");
  assert.equal(first.code, 0, first.stderr);
  const summary = first.json<IngestSummary>();
  assert.deepEqual([summary.added, summary.failed], [3, 0]);

  const second = await run("ingest", join(folder, "documents"));
  assert.equal(second.code, 0);
  assert.match(second.stdout, /^0 added, 0 changed, 0 removed, 3 unchanged in /);

  const asked = await run("query", "how long do you keep backups?", "--json", "--k", "1");
  const [passage] = asked.json<QueryAnswer>().results;
  assert.equal(passage?.content, "Backups are kept for thirty days.");
  assert.equal(passage?.source.uri, pathToFileURL(path).href);
  assert.equal(passage?.source.heading, "Backups > Retention");
  assert.equal(guide.slice(passage?.source.start, passage?.source.end), passage?.content);

  const record = await run("query", "Grace", "--mode", "keyword", "--k", "1");
  assert.match(record.stdout, /people\.csv#2/);
  const filtered = await run("query", "animals", "--where", "city=London", "--json");
  assert.deepEqual(
    filtered.json<QueryAnswer>().results.map((result) => result.source.uri.split("/").at(-1)),
    ["people.csv#1"],
  );
});

test("exit codes: 2 when a document failed, 1 when nothing could be done", async (context) => {
  const { write, run } = desk(context);
  write("good.txt", "alpha");
  write("bad.txt", new Uint8Array([0x61, 0xff, 0xfe, 0x80]));
  const partly = await run("ingest", "documents");
  assert.equal(partly.code, 2);
  assert.match(partly.stderr, /failed: .*bad\.txt: /);
  assert.match(partly.stdout, /1 added.*1 failed/);
  const status = await run("status", "--failed");
  assert.match(status.stdout, /bad\.txt\n\s+content_encoding: /);
  const missing = await run("ingest", "no-such-folder", "--json");
  assert.equal(missing.code, 1);
  assert.equal(missing.json<ErrorAnswer>().error.code, "source_not_found");
  assert.match(missing.stderr, /no-such-folder/);
});

test("a query before anything is indexed says what to do", async (context) => {
  const { run } = desk(context);
  const asked = await run("query", "anything");
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /run isthmus ingest/);
});

test("bad options are named", async (context) => {
  const { run, write } = desk(context);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  for (const [args, pattern] of [
    [["query", "x", "--k", "51"], /k is 51; it is a whole number from 1 to 50/],
    [["query", "x", "--k", "x"], /--k is "x"/],
    [["query", "x", "--mode", "exact"], /--mode is "exact"; it is one of hybrid, vector, keyword/],
    [["query", ""], /query is empty/],
    [["query", "x".repeat(2001)], /2001 characters; ask in at most 2000/],
    [["query"], /Usage: isthmus query/],
    [["ingest"], /Usage: isthmus ingest/],
    [["ingest", "documents", "--fast"], /--fast/],
    [["status", "--where", "x"], /--where/],
    [["frobnicate"], /no command "frobnicate"/],
    [["serve", "--port", "99999"], /PORT is "99999"/],
    [["serve", "--host", "0.0.0.0"], /ISTHMUS_API_KEYS/],
  ] as const) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
  }
});

test("every command has help with an example and knows --json", async (context) => {
  const { run } = desk(context);
  const overview = await run("--help");
  for (const command of commands) {
    assert.match(overview.stdout, new RegExp(`^  ${command} `, "m"));
    const { code, stdout } = await run(command, "--help");
    assert.equal(code, 0);
    assert.match(stdout, /--json/);
    assert.match(stdout, new RegExp(`Examples?:\n  isthmus ${command}`));
  }
});

test("delete removes a document and a folder, and asks before it removes many", async (context) => {
  const { write, run } = desk(context);
  for (let index = 0; index < 25; index++) write(`many/doc-${index}.txt`, `alpha ${index}`);
  const single = write("single.txt", "alpha single");
  await run("ingest", "documents");
  assert.match((await run("delete", single)).stdout, /Removed 1 document/);
  const refused = await run("delete", "documents/many", "--json");
  assert.equal(refused.code, 1);
  assert.equal(refused.json<ErrorAnswer>().error.code, "mass_delete_refused");
  assert.match((await run("delete", "documents/many", "--allow-mass-delete")).stdout, /Removed 25 documents/);
  assert.match((await run("delete", "documents/many")).stdout, /Nothing in the index/);
  const { documents } = (await run("status", "--json")).json<{ documents: number }>();
  assert.equal(documents, 0);
});

test("doctor looks at everything and finds a damaged index", async (context) => {
  const { write, run, folder } = desk(context);
  const fresh = await run("doctor", "--json");
  assert.equal(fresh.code, 0, fresh.stderr);
  const { findings } = fresh.json<{ findings: { check: string; level: string; found: string }[] }>();
  const checks = findings.map((finding) => finding.check);
  assert.deepEqual(checks, ["node", "cpu", "memory", "data folder", "disk", "model", "embedder", "index"]);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  assert.match((await run("doctor")).stdout, /index: 1 documents?, 1 chunks?/);
  write("../data/index.sqlite", "this is no database, but it is long enough to look like one".repeat(100));
  for (const side of ["index.sqlite-wal", "index.sqlite-shm"]) rmSync(join(folder, "data", side), { force: true });
  const damaged = await run("doctor");
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout, /FAIL\s+index: /);
});

test("model shows and verifies the model that ships", async (context) => {
  const { run } = desk(context);
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
  assert.match((await run("model", "polish")).stderr, /show, verify or fetch/);
});

test("eval scores a BEIR folder in three modes", async (context) => {
  const { write, run, folder } = desk(context);
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

test("colours appear on request only", async (context) => {
  const plain = desk(context);
  const coloured = desk(context, { FORCE_COLOR: "1" });
  const refused = desk(context, { FORCE_COLOR: "1", NO_COLOR: "1" });
  const escapeCharacter = String.fromCharCode(27);
  assert.ok(!(await plain.run("doctor")).stdout.includes(escapeCharacter));
  assert.ok((await coloured.run("doctor")).stdout.includes(escapeCharacter));
  assert.ok(!(await refused.run("doctor")).stdout.includes(escapeCharacter));
});

test("names with newlines and emoji are indexed, and shown without steering the terminal", {
  skip: process.platform === "win32" && "Windows has no such names",
}, async (context) => {
  const { write, run } = desk(context);
  write("línea\nnueva 🗺️ \u001b[31m.txt", "alpha in an odd place");
  assert.equal((await run("ingest", "documents")).code, 0);
  const { stdout } = await run("query", "alpha", "--mode", "keyword");
  assert.match(stdout, /línea\\nnueva 🗺️ \\u001b\[31m/);
});

test("a change of the model is refused with the way out", async (context) => {
  const { write, run, environment } = desk(context);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  const other = createDesk({
    ISTHMUS_DATA_DIR: String(environment["ISTHMUS_DATA_DIR"]),
    ISTHMUS_EMBEDDING_URL: "http://127.0.0.1:9/v1",
    ISTHMUS_EMBEDDING_MODEL: "other",
    ISTHMUS_EMBEDDING_DIMENSIONS: "8",
  });
  context.after(() => other.clear());
  const { code, stderr } = await other.run("query", "alpha");
  assert.equal(code, 1);
  assert.match(stderr, /all-MiniLM-L6-v2/);
});
