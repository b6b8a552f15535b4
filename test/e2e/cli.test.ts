import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { deskFor } from "../support/cli.ts";
import type { ErrorAnswer, IngestAnswer, QueryAnswer } from "./cli-answers.ts";

const commands = [
  "start",
  "ingest",
  "plan",
  "query",
  "ask",
  "mcp",
  "serve",
  "status",
  "verify",
  "reconcile",
  "held",
  "backfill",
  "dead-letters",
  "trace",
  "delete",
  "eval",
  "doctor",
  "model",
];

test("from a folder to a cited passage, and a second run that changes nothing", async (context) => {
  const { write, run, folder } = deskFor(context);
  const guide =
    "# Backups\n\n## Retention\n\nBackups are kept for thirty days.\n\n## Restore\n\nCall the operator on duty.\n";
  const path = write("guide.md", guide);
  write("zoo.txt", "Giraffes sleep standing up, for less than two hours a day.");
  write("people.csv", "id,name,city\n1,Ada,London\n2,Grace,New York\n");
  const first = await run("ingest", "documents", "--json");
  assert.equal(first.code, 0, first.stderr);
  const summary = first.json<IngestAnswer>();
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
  const { write, run } = deskFor(context);
  write("good.txt", "alpha");
  write("bad.pdf", "%PDF-1.7 and nothing behind it");
  const partly = await run("ingest", "documents");
  assert.equal(partly.code, 2);
  assert.match(partly.stderr, /failed: .*bad\.pdf: /);
  assert.match(partly.stdout, /1 added.*1 failed/);
  const status = await run("status", "--failed");
  assert.match(status.stdout, /bad\.pdf\n\s+parse_failed: /);
  const missing = await run("ingest", "no-such-folder", "--json");
  assert.equal(missing.code, 1);
  assert.equal(missing.json<ErrorAnswer>().error.code, "source_not_found");
  assert.match(missing.stderr, /no-such-folder/);
});

test("a query before anything is indexed says what to do", async (context) => {
  const { run } = deskFor(context);
  const asked = await run("query", "anything");
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /run isthmus ingest/);
});

test("bad options are named", async (context) => {
  const { run, write } = deskFor(context);
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
  const { run } = deskFor(context);
  const overview = await run("--help");
  for (const command of commands) {
    assert.match(overview.stdout, new RegExp(`^  ${command} `, "m"));
    const { code, stdout } = await run(command, "--help");
    assert.equal(code, 0);
    assert.match(stdout, /--json/);
    assert.match(stdout, new RegExp(`Examples?:\n  isthmus ${command}`));
  }
});

test("keyword scores are never shown as nothing", async (context) => {
  const { write, run } = deskFor(context);
  write("a.txt", "alpha");
  await run("ingest", "documents");
  const { stdout } = await run("query", "alpha", "--mode", "keyword");
  assert.doesNotMatch(stdout, /\b0\.000\b/);
});
