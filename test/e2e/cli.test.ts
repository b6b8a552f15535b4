import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createDesk, type Desk, root, track } from "../support/cli.ts";
import { startModelHub } from "../support/model-hub.ts";
import { makeTinyModel } from "../support/tiny-model.ts";

/** What `ingest --json` writes. */
interface IngestSummary {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly faults: number;
  readonly took_ms: number;
}

const commands = ["start", "ingest", "plan", "query", "serve", "status", "delete", "eval", "doctor", "model"];

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
    [
      ["ingest", "documents", "--fast"],
      /^isthmus: isthmus ingest has no option --fast\. See isthmus ingest --help\.$/m,
    ],
    [["status", "--where", "x"], /--where/],
    [["frobnicate"], /no command "frobnicate"/],
    [["serve", "--port", "99999"], /--port is "99999"/],
    [["serve", "--port"], /--port needs a value\. See isthmus serve --help/],
    [["serve", "--port", ""], /--port is empty/],
    [["ingest", "documents", "--format", "xml"], /--format is "xml"/],
    [["model", "fetch", "foo"], /The model is "foo"; it is org\/name@revision/],
    [["query", "how", "long"], /Quote the question: isthmus query "how long"/],
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
  assert.match(refused.stderr, /25 documents would be removed; none was.*--allow-mass-delete/);
  const names = Array.from({ length: 21 }, (_, index) => `documents/many/doc-${index}.txt`);
  assert.equal((await run("delete", ...names)).code, 1, "all arguments count together");
  const twice = await run("delete", "documents/many/doc-24.txt", "documents/many/doc-24.txt");
  assert.match(twice.stdout, /Removed 1 document/);
  assert.match((await run("delete", "documents/many", "--allow-mass-delete")).stdout, /Removed 24 documents/);
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

test("one place of several that cannot be read does not stop the others", async (context) => {
  const { write, run } = desk(context);
  write("one/a.txt", "alpha one");
  write("two/b.txt", "alpha two");
  const partly = await run("ingest", "documents/one", "nowhere", "documents/two", "--json");
  assert.equal(partly.code, 2);
  const { added, failed, took_ms } = partly.json<IngestSummary>();
  assert.deepEqual([added, failed], [2, 1]);
  assert.equal(took_ms, Math.round(took_ms * 10) / 10);
  assert.doesNotMatch(partly.stdout, /[a-z][A-Z]/, "keys in snake_case");
  assert.match(partly.stderr, /nowhere.*does not exist/);
  const none = await run("ingest", "nowhere", "neither", "--json");
  assert.equal(none.code, 1);
  assert.equal(none.json<ErrorAnswer>().error.code, "source_not_found");
  assert.match(none.stderr, /neither[\s\S]*nowhere|nowhere[\s\S]*neither/);
  assert.equal((await run("ingest", pathToFileURL(write("x.txt", "")).href)).code, 0, "a file URI is a place too");
});

test("a place over the mass-delete bounds is refused, and the next one is read", async (context) => {
  const { write, run, folder } = desk(context);
  for (let index = 0; index < 25; index++) write(`many/doc-${index}.txt`, `alpha ${index}`);
  await run("ingest", "documents/many");
  rmSync(join(folder, "documents/many"), { recursive: true });
  mkdirSync(join(folder, "documents/many"));
  write("two/b.txt", "alpha two");
  const partly = await run("ingest", "documents/many", "documents/two", "--json");
  assert.equal(partly.code, 2);
  assert.equal(partly.json<IngestSummary>().added, 1);
  assert.match(partly.stderr, /25 of 25 documents .* would be removed/);
});

test("status, query and delete take a path, a readable URI, and do not reach into a neighbour", async (context) => {
  const { write, run, folder } = desk(context);
  write("sub dir/a.txt", "alpha one");
  write("sub dir-old/b.txt", "alpha two");
  write("sub dir/a.txt.bak", "alpha three");
  await run("ingest", "documents");
  const statusOf = async (place: string) =>
    (await run("status", place, "--json")).json<{ documents: number }>().documents;
  const readableUri = `file://${join(folder, "documents", "sub dir")}`;
  assert.equal(await statusOf("documents/sub dir"), 2);
  assert.equal(await statusOf("documents/sub dir/a.txt"), 1);
  if (process.platform !== "win32") assert.equal(await statusOf(readableUri), 2);
  assert.equal(await statusOf(pathToFileURL(join(folder, "documents")).href), 3);
  const unknown = await run("status", "documents/sub");
  assert.match(unknown.stdout, /^Nothing in the index under .*sub/);
  for (const prefix of ["documents/sub dir-old", pathToFileURL(join(folder, "documents/sub dir-old/")).href]) {
    const asked = (await run("query", "alpha", "--prefix", prefix, "--json")).json<QueryAnswer>();
    assert.deepEqual(
      asked.results.map((result) => result.content),
      ["alpha two"],
    );
  }
  rmSync(join(folder, "documents/sub dir"), { recursive: true });
  assert.match((await run("delete", "documents/sub dir")).stdout, /Removed 2 documents/);
  assert.equal(await statusOf("documents"), 1);
});

test("status names what was skipped and which records were left out", async (context) => {
  const { write, run } = desk(context);
  write("picture.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]));
  write("rows.jsonl", '{"text":"alpha"}\nno json\nno json\nno json\nno json\n');
  assert.equal((await run("ingest", "documents")).code, 2);
  const { stdout } = await run("status", "--documents");
  assert.match(stdout, /picture\.png {2}skipped: /);
  assert.match(stdout, /4 of its records were left out: #2 .*; #3 .*; #4 .*; and 1 more/);
});

test("keyword scores are never shown as nothing", async (context) => {
  const { write, run } = desk(context);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  const { stdout } = await run("query", "alpha", "--mode", "keyword");
  assert.doesNotMatch(stdout, /\b0\.000\b/);
});

test("delete without an index makes no data folder", async (context) => {
  const { run, folder } = desk(context);
  const { code, stderr } = await run("delete", "a.txt");
  assert.equal(code, 1);
  assert.match(stderr, /Nothing is indexed yet/);
  assert.ok(!existsSync(join(folder, "data")));
});

test("ids and reasons from documents cannot steer the terminal", async (context) => {
  const { write, run } = desk(context);
  write("rows.jsonl", '{"id":"\\u001b[2Jid","text":7}\n{"id":"good","text":"alpha"}\n');
  write("rows.csv", "id,text\n\u001b[31mx,alpha,\u001b]0;title\u0007\n");
  const { stdout, stderr } = await run("ingest", "documents");
  assert.match(stderr, /bad record/);
  const status = await run("status", "--failed");
  const escapes = ["\u001b", "\u0007", "\u009b"];
  for (const text of [stdout, stderr, status.stdout]) {
    for (const character of escapes) assert.ok(!text.includes(character), JSON.stringify(text));
  }
});

test("a reader that goes away is no failure", {
  skip: process.platform === "win32" && "needs a shell with pipes",
}, async (context) => {
  const { write, run, environment, folder } = desk(context);
  for (let index = 0; index < 30; index++) write(`doc-${index}.txt`, "alpha");
  await run("ingest", "documents");
  const command = `"${process.execPath}" "${join(root, "src/entry/cli.ts")}" status --documents`;
  const script = `{ ${command}; echo "code $?" >&2; } | true`;
  const { stderr } = spawnSync("sh", ["-c", script], { cwd: folder, env: environment, encoding: "utf8" });
  assert.match(stderr, /^code 0$/m);
  assert.doesNotMatch(stderr, /EPIPE|\n\s+at /);
});

test("a data folder that cannot be made is a clear error at once", async (context) => {
  const blocked = desk(context);
  const file = blocked.write("file", "no folder");
  for (const dataDir of [file, join(file, "below"), ...(process.platform === "linux" ? ["/proc/isthmus"] : [])]) {
    const { run, write } = desk(context, { ISTHMUS_DATA_DIR: dataDir });
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

test("Ctrl-C while a model is fetched is one sentence and 130, whatever the command", async (context) => {
  const hub = await startModelHub(makeTinyModel());
  context.after(() => hub.close());
  for (const args of [
    ["model", "fetch", "tiny/model@main"],
    ["doctor"],
    ["delete", "a.txt"],
    ["ingest", "documents"],
    ["start", "documents"],
  ]) {
    const asked = Promise.withResolvers<void>();
    hub.intercept = () => {
      asked.resolve();
      return true; // And never answers.
    };
    const { start, write } = desk(context, { ISTHMUS_MODEL: "tiny/model@main", ISTHMUS_HUB_URL: hub.url });
    write("a.txt", "alpha");
    const running = start(...args);
    await asked.promise;
    running.process.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr.trim(), /^Stopping[^\n]*$/);
  }
});

test("npm start in a sub-folder means that folder", async (context) => {
  const { folder, environment } = desk(context);
  mkdirSync(join(folder, "my-docs"));
  writeFileSync(join(folder, "my-docs/a.txt"), "alpha");
  // As npm runs a script: in the package's root, with the person's folder in INIT_CWD.
  const { ISTHMUS_DATA_DIR: _, ...rest } = environment;
  const env = { ...rest, INIT_CWD: folder, npm_lifecycle_event: "start" };
  const bin = join(root, "bin/isthmus.mjs");
  const { code, stderr } = await track(spawn(process.execPath, [bin, "ingest", "my-docs"], { cwd: root, env })).ended;
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(join(folder, ".isthmus/index.sqlite")));
});
