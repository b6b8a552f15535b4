import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { found, many, setUp, write } from "./folder-engine.ts";

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
