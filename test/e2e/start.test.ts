import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deskFor, eventually, root } from "../support/cli.ts";

interface Answer {
  readonly results?: readonly { readonly content: string; readonly source: { readonly uri: string } }[];
}

async function post(url: string, body: object): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: Answer = JSON.parse(await response.text());
  return { status: response.status, answer };
}

async function ask(url: string, query: string): Promise<{ status: number; contents: string[] }> {
  const { status, answer } = await post(url, { query, mode: "keyword", k: 50 });
  return { status, contents: (answer.results ?? []).map((result) => result.content).sort() };
}

test("start without paths serves the project's own documentation", async (context) => {
  const { start } = deskFor(context);
  const running = start("start");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  await running.seen(/Indexed: \d+ added/);
  const { answer } = await post(url, { query: "what happens when a document is deleted?" });
  assert.equal(answer.results?.length, 3);
  const found = (name: string) => answer.results?.find(({ source }) => source.uri.endsWith(`/docs/${name}`))?.content;
  assert.match(answer.results[0]?.content ?? "", /stops answering at once/);
  assert.match(found("concepts.md") ?? "", /tombstone/);
  const [, command = ""] = await running.seen(/(curl -s .*)/);
  assert.ok(command.includes(url));
  running.process.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
});

test("--watch follows added, changed, renamed and removed files", async (context) => {
  const { write, start, folder } = deskFor(context);
  write("one.txt", "alpha one");
  const running = start("start", "documents", "--watch");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  await running.seen(/Watching 1 place/);
  const contents = async () => (await ask(url, "alpha")).contents;
  assert.deepEqual(await contents(), ["alpha one"]);
  write("two.txt", "alpha two");
  await eventually(contents, (found) => found.length === 2);
  write("one.txt", "alpha one changed");
  await eventually(contents, (found) => found.includes("alpha one changed") && found.length === 2);
  renameSync(join(folder, "documents/two.txt"), join(folder, "documents/three.txt"));
  rmSync(join(folder, "documents/one.txt"));
  await eventually(contents, (found) => found.length === 1 && found[0] === "alpha two");
  // An editor saves by writing beside and renaming over.
  writeFileSync(join(folder, "documents/.three.txt.swp"), "alpha three saved");
  renameSync(join(folder, "documents/.three.txt.swp"), join(folder, "documents/three.txt"));
  await eventually(contents, (found) => found.length === 1 && found[0] === "alpha three saved");
  write("bad.pdf", "%PDF-1.7 and nothing behind it");
  await running.seen(/failed.*bad\.pdf: /);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  running.process.kill("SIGTERM");
  assert.equal((await running.ended).code, 0);
});

test("changes made while nothing watched are found by the next start", async (context) => {
  const { write, start, folder, run } = deskFor(context);
  write("one.txt", "alpha one");
  write("two.txt", "alpha two");
  assert.equal((await run("ingest", "documents")).code, 0);
  write("one.txt", "alpha one changed");
  rmSync(join(folder, "documents/two.txt"));
  const running = start("start", "documents");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  await running.seen(/Indexed: 0 added, 1 changed, 1 removed/);
  assert.deepEqual((await ask(url, "alpha")).contents, ["alpha one changed"]);
});

test("Ctrl-C stops an ingest cleanly, says how to resume, and the next run goes on", async (context) => {
  const { write, start, run } = deskFor(context);
  const paragraph =
    "Each of these documents says a little about alpha, so that embedding them takes some time. ".repeat(12);
  for (let index = 0; index < 150; index++) write(`doc-${index}.txt`, `Document ${index}. ${paragraph}`);
  const running = start("ingest", "documents", "--json");
  await eventually(
    async () => (await run("status", "--json")).stdout,
    (status) => /"documents":[1-9]/.test(status),
  );
  running.process.kill("SIGINT");
  const stopped = await running.ended;
  assert.equal(stopped.code, 130, stopped.stderr);
  assert.match(stopped.stderr, /run the same command again/);
  const first = stopped.json<{ added: number; interrupted: boolean }>();
  assert.equal(first.interrupted, true);
  assert.ok(first.added > 0 && first.added < 150, `${first.added} added`);
  const second = (await run("ingest", "documents", "--json")).json<{ added: number; unchanged: number }>();
  assert.deepEqual([second.unchanged, second.added], [first.added, 150 - first.added]);
});

test("a second writer is told so at once and harms nothing", async (context) => {
  const { write, start, run } = deskFor(context);
  write("one.txt", "alpha one");
  const running = start("start", "documents", "--watch");
  await running.seen(/Watching 1 place/);
  const second = await run("ingest", "documents", "--json");
  assert.equal(second.code, 1);
  assert.equal(second.json<{ error: { code: string } }>().error.code, "store_locked");
  assert.equal((await run("query", "alpha", "--json")).code, 0, "reading is not locked out");
});

test("serve answers over an index that another process fills meanwhile", async (context) => {
  const { write, start, run } = deskFor(context);
  const running = start("serve");
  const [, url = ""] = await running.seen(/Serving (http:\S+) /);
  assert.equal((await ask(url, "alpha")).status, 503);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  write("one.txt", "alpha one");
  await run("ingest", "documents");
  assert.deepEqual(await ask(url, "alpha"), { status: 200, contents: ["alpha one"] });
  write("two.txt", "alpha two");
  await run("ingest", "documents");
  assert.deepEqual((await ask(url, "alpha")).contents, ["alpha one", "alpha two"]);
});

test("a port that is taken is a clear error", async (context) => {
  const { write, start, run } = deskFor(context);
  write("one.txt", "alpha");
  const running = start("serve");
  const [, port = ""] = await running.seen(/Serving http:\S+:(\d+) /);
  const second = await run("serve", "--port", port);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`${port}.*PORT`, "s"));
});

test("the data folder keeps itself out of version control", async (context) => {
  const { write, run, folder } = deskFor(context);
  write("one.txt", "alpha");
  await run("ingest", "documents");
  assert.equal(readFileSync(join(folder, "data/.gitignore"), "utf8"), "*\n");
});

test("a first scan that would remove too much is a warning: the old index is served, and watched on", async (context) => {
  const { write, run, start, folder } = deskFor(context);
  for (let index = 0; index < 25; index++) write(`doc-${index}.txt`, `alpha ${index}`);
  await run("ingest", "documents");
  for (let index = 1; index < 25; index++) rmSync(join(folder, `documents/doc-${index}.txt`));
  for (const watched of [[], ["--watch"]]) {
    const running = start("start", "documents", ...watched);
    const [, url = ""] = await running.seen(/serves (http:\S+);/);
    await running.seen(/24 of 25 documents .* would be removed[\s\S]*Serving goes on/);
    assert.equal((await ask(url, "alpha")).contents.length, 25);
    if (watched.length > 0) {
      await running.seen(/Watching 1 place/);
      write("late.txt", "alpha late");
      await eventually(
        async () => (await ask(url, "alpha")).contents,
        (found) => found.includes("alpha late"),
      );
    }
    running.process.kill("SIGINT");
    assert.equal((await running.ended).code, 0);
  }
});

test("--watch keeps the documents when too many vanish at once, and says so", async (context) => {
  const { write, run, start, folder } = deskFor(context);
  for (let index = 0; index < 70; index++) write(`doc-${index}.txt`, "alpha");
  const running = start("start", "documents", "--watch");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  await running.seen(/Watching 1 place/);
  for (let index = 0; index < 70; index++) if (index % 7 !== 0) rmSync(join(folder, `documents/doc-${index}.txt`));
  await running.seen(/60 of 70 documents .* would be removed/);
  write("late.txt", "alpha late");
  const late = await eventually(
    async () => (await ask(url, "late")).contents,
    (found) => found.length === 1,
  );
  assert.deepEqual(late, ["alpha late"]);
  assert.equal((await run("status", "--json")).json<{ documents: number }>().documents, 71);
});

test("without --watch other commands may write once the scan is through", async (context) => {
  const { write, run, start } = deskFor(context);
  write("one.txt", "alpha one");
  const two = write("two.txt", "alpha two");
  const running = start("start", "documents");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  await running.seen(/Try next/);
  const removed = await eventually(
    () => run("delete", two),
    ({ code }) => code === 0,
  );
  assert.match(removed.stdout, /Removed 1 document/);
  assert.deepEqual((await ask(url, "alpha")).contents, ["alpha one"]);
  write("three.txt", "alpha three");
  assert.equal((await run("ingest", "documents")).code, 0);
  assert.deepEqual((await ask(url, "alpha")).contents, ["alpha one", "alpha three", "alpha two"]);
});

test("start --json writes one value once it has indexed, and the address on stderr before", async (context) => {
  const { write, start } = deskFor(context);
  write("one.txt", "alpha one");
  const running = start("start", "documents", "nowhere", "--json");
  const [, url = ""] = await running.seen(/Isthmus serves (http:\S+)\n/);
  await running.seen(/"summary"/);
  running.process.kill("SIGINT");
  const ended = await running.ended;
  assert.match(ended.stderr, /nowhere.*does not exist/);
  const value = ended.json<{ url: string; summary: { added: number; failed: number; took_ms: number } }>();
  assert.equal(value.url, url);
  assert.deepEqual([value.summary.added, value.summary.failed], [1, 1]);
  assert.equal(typeof value.summary.took_ms, "number");
});

test("the sample documents leave with the first documents of one's own", async (context) => {
  const { write, run, start, folder } = deskFor(context);
  const sample = start("start", "--json");
  await sample.seen(/"summary"/);
  sample.process.kill("SIGINT");
  const { added } = (await sample.ended).json<{ summary: { added: number } }>().summary;
  assert.ok(added > 5);
  assert.ok(existsSync(join(folder, "data/sample.json")));
  write("one.txt", "alpha one");
  const own = await run("ingest", "documents");
  assert.match(own.stderr, new RegExp(`^Removed ${added} sample documents`, "m"));
  const { list } = (await run("status", "--documents", "--json")).json<{ list: { uri: string }[] }>();
  assert.deepEqual(
    list.map(({ uri }) => uri.split("/").at(-1)),
    ["one.txt"],
  );
  assert.ok(!existsSync(join(folder, "data/sample.json")));
});

test("documentation that a person indexed by name is theirs, and stays", async (context) => {
  const { write, run, start } = deskFor(context);
  write("one.txt", "alpha one");
  const named = await run("ingest", join(root, "docs"), "--json");
  const { added } = named.json<{ added: number }>();
  const bare = start("start", "--json");
  await bare.seen(/"summary"/);
  bare.process.kill("SIGINT");
  await bare.ended;
  assert.match((await run("ingest", "documents")).stderr, /^Removed 1 sample document of/m, "the README alone");
  const { documents } = (await run("status", "--json")).json<{ documents: number }>();
  assert.equal(documents, added + 1);
});

test("whoever opens the server to other machines is told so", async (context) => {
  const { start } = deskFor(context, { ISTHMUS_API_KEYS: "key" });
  const running = start("serve", "--host", "0.0.0.0");
  await running.seen(/Open to other machines: it listens on 0\.0\.0\.0/);
  running.process.kill("SIGINT");
  assert.equal((await running.ended).code, 0);
});
