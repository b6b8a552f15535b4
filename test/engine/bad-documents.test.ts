import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import type { IngestEvent } from "../../src/core/ingest-types.ts";
import { countReads, found, setUp, uriOf, write } from "./folder-engine.ts";

/** How a JPEG picture begins, to be put under a name that promises text. */
const notText = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);

test("a bad document never stops a good one, and its earlier version goes on answering", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "good.txt", "alpha good");
  write(workspace, "turns-bad.txt", "alpha once");
  write(workspace, "bad.txt", notText);
  const events: IngestEvent[] = [];
  const first = await engine.ingest({ onEvent: (event) => events.push(event) });
  assert.deepEqual([first.added, first.failed], [2, 1]);
  const failed = events.find((event) => event.kind === "document" && event.outcome === "failed");
  assert.ok(failed?.kind === "document" && failed.error?.code === "content_unsupported");
  write(workspace, "turns-bad.txt", notText);
  const second = await engine.ingest();
  assert.deepEqual([second.failed, second.unchanged], [2, 1]);
  assert.deepEqual(await found(engine, "alpha"), ["alpha good", "alpha once"]);
  const [entry] = await engine.writer.entries([uriOf(workspace, "turns-bad.txt")]);
  assert.equal(entry?.failure?.attempts, 1);
  assert.equal(entry?.current?.state, "indexed");
});

test("a failed version is tried three times, then only counted, until it changes or someone asks", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "bad.txt", notText);
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
  write(workspace, "a.txt", notText);
  await engine.ingest();
  write(workspace, "a.txt", "alpha good");
  const { unchanged, failed } = await engine.ingest();
  assert.deepEqual({ unchanged, failed }, { unchanged: 1, failed: 0 });
  assert.equal((await engine.writer.count("")).failed, 0);
});

test("the failure of a file that is gone is forgotten", async (context) => {
  const { workspace, engine } = await setUp(context);
  write(workspace, "bad.txt", notText);
  await engine.ingest();
  rmSync(workspace.path("bad.txt"));
  await engine.ingest();
  assert.equal((await engine.writer.count("")).failed, 0);
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
  const counted = countReads();
  const { workspace, engine } = await setUp(context, { wrapSource: counted.wrap });
  write(workspace, "p.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]));
  for (let run = 0; run < 2; run++) {
    const { skipped, failed } = await engine.ingest();
    assert.deepEqual({ skipped, failed }, { skipped: 1, failed: 0 });
  }
  assert.equal(counted.reads(), 1);
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
