import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { IsthmusError } from "../../src/core/errors.ts";
import { createWorkLimits } from "../../src/core/ingest/batch.ts";
import { refreshObjects } from "../../src/core/ingest/refresh.ts";
import type { Source } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";

const mebibyte = 2 ** 20;

/** How many documents were being read at once, at most, and how many declared bytes they had. */
function watched(source: Source) {
  const most = { documents: 0, bytes: 0 };
  const now = { documents: 0, bytes: 0 };
  const wrapped: Source = {
    ...source,
    async *read(ref, signal) {
      now.documents++;
      now.bytes += ref.size;
      most.documents = Math.max(most.documents, now.documents);
      most.bytes = Math.max(most.bytes, now.bytes);
      // Whoever may begin has begun before this one goes on.
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      try {
        yield* source.read(ref, signal);
      } finally {
        now.documents--;
        now.bytes -= ref.size;
      }
    },
  };
  return { most, source: wrapped };
}

for (const { size, together } of [
  { size: 1024, together: 16 },
  { size: 30 * mebibyte, together: 2 },
  { size: 40 * mebibyte, together: 1 },
  { size: 500 * mebibyte, together: 1 },
]) {
  test(`documents of ${size} bytes are read ${together} at a time`, async (context) => {
    const engine = await openBucketEngine(context);
    const bucket = createBucket();
    for (let index = 0; index < 20; index++) bucket.put(`${index}.txt`, `alpha ${index}`, size);
    const { most, source } = watched(bucket.source);
    assert.equal((await engine.ingest(source)).added, 20);
    assert.equal(most.documents, together);
    const hinted = watched(bucket.source);
    for (let index = 0; index < 20; index++) bucket.put(`${index}.txt`, `alpha again ${index}`, size);
    const uris = bucket.live().map((ref) => ref.uri);
    assert.equal((await engine.refresh(hinted.source, uris)).changed, 20);
    assert.equal(hinted.most.documents, together);
  });
}

test("large documents hold their share of memory until they are through, failed ones too", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  for (let index = 0; index < 30; index++) bucket.put(`${index}.txt`, `alpha ${index}`, (index % 3) * 30 * mebibyte);
  const { most, source } = watched(bucket.source);
  const failing: Source = {
    ...source,
    async *read(ref, signal) {
      yield* source.read(ref, signal);
      if (/[05]\.txt$/.test(ref.uri)) throw new IsthmusError("source_unreadable", "no permission");
    },
  };
  const { added, failed } = await engine.ingest(failing);
  assert.deepEqual({ added, failed }, { added: 24, failed: 6 });
  assert.ok(most.bytes <= 64 * mebibyte, `${most.bytes} bytes at once`);
  assert.ok(most.documents > 1);
});

test("lots of a queue side by side, one large document each, hold the memory of one run", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  for (let index = 0; index < 12; index++) bucket.put(`${index}.txt`, `alpha ${index}`, 30 * mebibyte);
  const { most, source } = watched(bucket.source);
  const limits = createWorkLimits(engine.pipeline.concurrency);
  const lots = bucket
    .live()
    .map(({ uri }) => refreshObjects(engine.pipeline, source, [{ uri }], { limits, shared: true }));
  const summaries = await Promise.all(lots);
  assert.equal(
    summaries.reduce((sum, { added }) => sum + added, 0),
    12,
  );
  assert.deepEqual(most, { documents: 2, bytes: 60 * mebibyte });
});

test("after a fatal error no further document is started, and those in hand are awaited", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  for (let index = 0; index < 700; index++) bucket.put(`${String(index).padStart(3, "0")}.txt`, `alpha ${index}`);
  const { source } = watched(bucket.source);
  let begun = 0;
  let ended = 0;
  const failing: Source = {
    ...source,
    async *read(ref, signal) {
      begun++;
      try {
        if (ref.uri.endsWith("000.txt")) throw new IsthmusError("config_invalid", "wrong");
        yield* source.read(ref, signal);
      } finally {
        ended++;
      }
    },
  };
  await assert.rejects(engine.ingest(failing), { code: "config_invalid" });
  assert.ok(begun <= engine.pipeline.concurrency + 1, `${begun} documents were started`);
  assert.equal(ended, begun);
  assert.equal((await engine.store.count("")).documents, begun - 1);
});
