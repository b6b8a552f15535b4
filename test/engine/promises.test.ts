import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { IsthmusError } from "../../src/core/errors.ts";
import type { IngestEvent } from "../../src/core/ingest-types.ts";
import { dumpIndex } from "../support/dump-index.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { createWorkspace, openTestEngine, type TestEngine, type Workspace } from "../support/workspace.ts";

async function setUp(
  context: TestContext,
  options: Parameters<typeof openTestEngine>[1] = {},
): Promise<{ workspace: Workspace; engine: TestEngine }> {
  const workspace = createWorkspace();
  const engine = await openTestEngine(workspace, options);
  context.after(async () => {
    await engine.close();
    workspace.remove();
  });
  return { workspace, engine };
}

const write = (workspace: Workspace, name: string, text: string | Uint8Array) =>
  writeFileSync(workspace.path(name), text);
const uriOf = (workspace: Workspace, name: string) => pathToFileURL(workspace.path(name)).href;
const many = (workspace: Workspace, count: number) => {
  for (let index = 0; index < count; index++) write(workspace, `doc-${index}.txt`, `alpha number ${index}`);
};

async function found(engine: TestEngine, word: string): Promise<string[]> {
  const hits = await engine.read((reader) => reader.search({ mode: "keyword", terms: [word], limit: 50 }));
  return hits.map((hit) => hit.content).sort();
}

test("identity is the URI: a renamed copy is a second document, and costs no embedding", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "one.txt", "alpha text");
  const first = await engine.ingest();
  assert.deepEqual([first.added, first.embedded], [1, 1]);
  copyFileSync(workspace.path("one.txt"), workspace.path("sub/one.txt"));
  const second = await engine.ingest();
  assert.deepEqual([second.added, second.unchanged, second.embedded], [1, 1, 0]);
  assert.deepEqual(await found(engine, "alpha"), ["alpha text", "alpha text"]);
});

test("a rename moves the document and embeds nothing again", async (context) => {
  const { workspace, engine } = await setUp(context);
  // The title is part of what is embedded; the heading of the file gives it whatever the file's name.
  write(workspace, "old.md", "# Same title\n\nalpha text");
  await engine.ingest();
  renameSync(workspace.path("old.md"), workspace.path("new.md"));
  const { added, removed, embedded } = await engine.ingest();
  assert.deepEqual({ added, removed, embedded }, { added: 1, removed: 1, embedded: 0 });
  assert.equal((await found(engine, "alpha")).length, 1);
});

test("writing the same again changes nothing, and reads nothing", async (context) => {
  let reads = 0;
  const { workspace, engine } = await setUp(context, {
    wrapSource: (source) => ({
      ...source,
      read(ref, signal) {
        reads++;
        return source.read(ref, signal);
      },
    }),
  });
  many(workspace, 30);
  await engine.ingest();
  const before = await engine.read(dumpIndex);
  const readsBefore = reads;
  const { unchanged, added, changed, embedded } = await engine.ingest();
  assert.deepEqual({ unchanged, added, changed, embedded }, { unchanged: 30, added: 0, changed: 0, embedded: 0 });
  assert.equal(reads, readsBefore);
  assert.deepEqual(await engine.read(dumpIndex), before);
});

test("a changed document embeds only the chunks whose text changed", async (context) => {
  const { workspace, engine } = await setUp(context);
  const section = (index: number, word: string) => `# Part ${index}\n\n${word} says part ${index}.\n\n`;
  const text = (word: string) =>
    Array.from({ length: 10 }, (_, index) => section(index, index === 4 ? word : "alpha")).join("");
  write(workspace, "a.md", `---\ntitle: Parts\n---\n${text("alpha")}`);
  const first = await engine.ingest();
  assert.deepEqual([first.chunks, first.embedded], [10, 10]);
  write(workspace, "a.md", `---\ntitle: Parts\n---\n${text("omega")}`);
  const second = await engine.ingest();
  assert.deepEqual([second.changed, second.chunks, second.embedded], [1, 10, 1]);
  assert.equal((await found(engine, "omega")).length, 1);
  assert.equal((await found(engine, "alpha")).length, 9);
});

test("only the records of a large file whose text changed are embedded again", async (context) => {
  const { workspace, engine } = await setUp(context);
  const lines = (changed: number) =>
    Array.from({ length: 500 }, (_, index) =>
      JSON.stringify({ id: `r${index}`, text: `alpha ${index === changed ? "new" : index}` }),
    ).join("\n");
  write(workspace, "records.jsonl", lines(-1));
  assert.equal((await engine.ingest()).embedded, 500);
  write(workspace, "records.jsonl", lines(250));
  const { changed, embedded, chunks } = await engine.ingest();
  assert.deepEqual({ changed, embedded, chunks }, { changed: 1, embedded: 1, chunks: 500 });
});

test("a restored older copy is a change like any other", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "a.txt", "first alpha");
  await engine.ingest();
  write(workspace, "a.txt", "second alpha");
  await engine.ingest();
  write(workspace, "a.txt", "first alpha");
  assert.equal((await engine.ingest()).changed, 1);
  assert.deepEqual(await found(engine, "alpha"), ["first alpha"]);
});

test("a deleted document stops answering, and can come back", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 3);
  await engine.ingest();
  rmSync(workspace.path("doc-1.txt"));
  assert.equal((await engine.ingest()).removed, 1);
  assert.deepEqual(await found(engine, "alpha"), ["alpha number 0", "alpha number 2"]);
  write(workspace, "doc-1.txt", "alpha number 1");
  assert.equal((await engine.ingest()).added, 1);
  assert.equal((await found(engine, "alpha")).length, 3);
});

test("a mass delete stops before anything is changed, and goes on when allowed", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 50);
  await engine.ingest();
  for (let index = 0; index < 21; index++) rmSync(workspace.path(`doc-${index}.txt`));
  write(workspace, "new.txt", "alpha new");
  await assert.rejects(engine.ingest({ allowMassDelete: false }), { code: "mass_delete_refused" });
  assert.equal((await found(engine, "alpha")).length, 50);
  const { removed, added } = await engine.ingest({ allowMassDelete: true });
  assert.deepEqual({ removed, added }, { removed: 21, added: 1 });
});

test("twenty documents may go without asking, however large their share", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 20);
  await engine.ingest();
  rmSync(workspace.documents, { recursive: true });
  mkdirSync(workspace.documents);
  assert.equal((await engine.ingest({ allowMassDelete: false })).removed, 20);
});

test("a bad document never stops a good one, and its earlier version goes on answering", async (context) => {
  const { workspace, engine } = await setUp(context);
  const invalid = new Uint8Array([0x61, 0xff, 0xfe, 0x62]);
  write(workspace, "good.txt", "alpha good");
  write(workspace, "turns-bad.txt", "alpha once");
  write(workspace, "bad.txt", invalid);
  const events: IngestEvent[] = [];
  const first = await engine.ingest({ onEvent: (event) => events.push(event) });
  assert.deepEqual([first.added, first.failed], [2, 1]);
  const failed = events.find((event) => event.kind === "document" && event.outcome === "failed");
  assert.ok(failed?.kind === "document" && failed.error?.code === "content_encoding");
  write(workspace, "turns-bad.txt", invalid);
  const second = await engine.ingest();
  assert.deepEqual([second.failed, second.unchanged], [2, 1]);
  assert.deepEqual(await found(engine, "alpha"), ["alpha good", "alpha once"]);
  const [entry] = await engine.writer.entries([uriOf(workspace, "turns-bad.txt")]);
  assert.equal(entry?.failure?.attempts, 1);
  assert.equal(entry?.current?.state, "indexed");
});

test("a failed version is tried three times, then only counted, until it changes or someone asks", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "bad.txt", new Uint8Array([0x61, 0xff]));
  const attempts = async () => (await engine.writer.entries([uriOf(workspace, "bad.txt")]))[0]?.failure?.attempts;
  for (const expected of [1, 2, 3, 3]) {
    assert.equal((await engine.ingest()).failed, 1);
    assert.equal(await attempts(), expected);
  }
  await engine.ingest({ retryFailed: true });
  assert.equal(await attempts(), 4);
  write(workspace, "bad.txt", "alpha mended");
  assert.equal((await engine.ingest()).added, 1);
  assert.equal(await attempts(), undefined);
});

test("a file that goes back to its good version has recovered", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "a.txt", "alpha good");
  await engine.ingest();
  write(workspace, "a.txt", new Uint8Array([0xff]));
  await engine.ingest();
  write(workspace, "a.txt", "alpha good");
  const { unchanged, failed } = await engine.ingest();
  assert.deepEqual({ unchanged, failed }, { unchanged: 1, failed: 0 });
  assert.equal((await engine.writer.count("")).failed, 0);
});

test("the failure of a file that is gone is forgotten", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "bad.txt", new Uint8Array([0xff]));
  await engine.ingest();
  rmSync(workspace.path("bad.txt"));
  await engine.ingest();
  assert.equal((await engine.writer.count("")).failed, 0);
});

test("an emptied file stops answering", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "a.txt", "alpha");
  await engine.ingest();
  write(workspace, "a.txt", "");
  const { empty, failed } = await engine.ingest();
  assert.deepEqual({ empty, failed }, { empty: 1, failed: 0 });
  assert.deepEqual(await found(engine, "alpha"), []);
});

test("a file that changes while it is read is read again at its new version", async (context) => {
  let tampered = 0;
  const { workspace, engine } = await setUp(context, {
    wrapSource: (source) => ({
      ...source,
      async *read(ref, signal) {
        if (tampered++ === 0) write(workspace, "a.txt", "alpha after the change");
        yield* source.read(ref, signal);
      },
    }),
  });
  write(workspace, "a.txt", "alpha before the change");
  const { added, failed } = await engine.ingest();
  assert.deepEqual({ added, failed }, { added: 1, failed: 0 });
  assert.deepEqual(await found(engine, "alpha"), ["alpha after the change"]);
});

test("a file that is removed while it is read is gone, not failed", async (context) => {
  const { workspace, engine } = await setUp(context, {
    wrapSource: (source) => ({
      ...source,
      async *read(ref, signal) {
        if (ref.uri.endsWith("a.txt")) rmSync(workspace.path("a.txt"), { force: true });
        yield* source.read(ref, signal);
      },
    }),
  });
  write(workspace, "a.txt", "alpha");
  write(workspace, "b.txt", "alpha too");
  const { added, failed } = await engine.ingest();
  assert.deepEqual({ added, failed }, { added: 1, failed: 0 });
});

test("a folder that cannot be listed hides its documents from deletion", async (context) => {
  let broken = false;
  const { workspace, engine } = await setUp(context, {
    wrapSource: (source) => ({
      ...source,
      async *list(signal) {
        const hidden = `${source.scope}sub/`;
        for await (const item of source.list(signal)) {
          if (!broken || item.kind === "fault" || !item.ref.uri.startsWith(hidden)) yield item;
        }
        if (broken) yield { kind: "fault", uri: hidden, error: new IsthmusError("source_unreadable", "no permission") };
      },
    }),
  });
  write(workspace, "sub/a.txt", "alpha hidden");
  write(workspace, "b.txt", "alpha seen");
  await engine.ingest();
  broken = true;
  rmSync(workspace.path("b.txt"));
  const { removed, failed } = await engine.ingest();
  assert.deepEqual({ removed, failed }, { removed: 1, failed: 1 });
  assert.deepEqual(await found(engine, "alpha"), ["alpha hidden"]);
});

test("bad records leave the good ones of their file in, and are told", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "r.jsonl", '{"id":"1","text":"alpha one"}\nnot json\n{"id":"3","text":"alpha three"}\n');
  const { added, faults, failed } = await engine.ingest();
  assert.deepEqual({ added, faults, failed }, { added: 1, faults: 1, failed: 0 });
  assert.deepEqual(await found(engine, "alpha"), ["alpha one", "alpha three"]);
  const [entry] = await engine.writer.entries([uriOf(workspace, "r.jsonl")]);
  assert.equal(entry?.current?.faultCount, 1);
  assert.equal(entry?.current?.faults[0]?.code, "record_invalid");
});

test("a foreign file is skipped, and not looked at again", async (context) => {
  let reads = 0;
  const { workspace, engine } = await setUp(context, {
    wrapSource: (source) => ({
      ...source,
      read(ref, signal) {
        reads++;
        return source.read(ref, signal);
      },
    }),
  });
  write(workspace, "p.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]));
  for (let run = 0; run < 2; run++) {
    const { skipped, failed } = await engine.ingest();
    assert.deepEqual({ skipped, failed }, { skipped: 1, failed: 0 });
  }
  assert.equal(reads, 1);
});

test("an embedder that is gone ends the run, blames no document, and the next run goes on", async (context) => {
  let calls = 0;
  let broken = true;
  const embedder = createHashEmbedder({
    onEmbed() {
      // The seventh call and all after it: some documents are through by then.
      if (broken && ++calls > 6) throw new IsthmusError("embedder_unavailable", "gone", { retryAfterMs: 0 });
    },
  });
  const { workspace, engine } = await setUp(context, {
    embedder: { ...embedder, limits: { ...embedder.limits, maxBatch: 1 } },
  });
  many(workspace, 12);
  await assert.rejects(engine.ingest(), { code: "embedder_unavailable" });
  assert.equal((await engine.writer.count("")).failed, 0);
  broken = false;
  const { added, unchanged } = await engine.ingest();
  assert.equal(added + unchanged, 12);
  assert.ok(unchanged > 0, "what was written before the failure stays");
});

test("an aborted run stops cleanly and the next one goes on", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 200);
  const controller = new AbortController();
  let documents = 0;
  const stopped = await engine.ingest({
    signal: controller.signal,
    onEvent(event) {
      if (event.kind === "document" && ++documents === 20) controller.abort();
    },
  });
  assert.equal(stopped.interrupted, true);
  assert.ok(stopped.added >= 20 && stopped.added < 200);
  const resumed = await engine.ingest();
  assert.equal(resumed.interrupted, false);
  assert.equal(resumed.unchanged, stopped.added);
  assert.equal(resumed.added + resumed.unchanged, 200);
});

test("hints refresh single documents: added, changed, removed, and what is not in scope", async (context) => {
  const { workspace, engine } = await setUp(context);
  many(workspace, 3);
  await engine.ingest();
  write(workspace, "doc-0.txt", "alpha changed");
  write(workspace, "new.txt", "alpha new");
  rmSync(workspace.path("doc-2.txt"));
  const hints = ["doc-0.txt", "doc-1.txt", "doc-2.txt", "new.txt", "never.txt"].map((name) => uriOf(workspace, name));
  const { added, changed, removed, unchanged } = await engine.refresh(hints);
  assert.deepEqual({ added, changed, removed, unchanged }, { added: 1, changed: 1, removed: 1, unchanged: 1 });
  assert.deepEqual(await found(engine, "alpha"), ["alpha changed", "alpha new", "alpha number 1"]);
});

test("a document that only fails for a passing reason is tried in every run", async (context) => {
  let broken = true;
  const { workspace, engine } = await setUp(context, {
    wrapSource: (source) => ({
      ...source,
      async *read(ref, signal) {
        if (broken) throw new IsthmusError("source_unavailable", "busy");
        yield* source.read(ref, signal);
      },
    }),
  });
  write(workspace, "a.txt", "alpha");
  for (let run = 0; run < 5; run++) assert.equal((await engine.ingest()).failed, 1);
  broken = false;
  assert.equal((await engine.ingest()).added, 1);
});
