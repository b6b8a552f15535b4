import assert from "node:assert/strict";
import { test } from "node:test";
import { createParserRegistry } from "../../src/adapters/parser/registry.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import type { HintResult } from "../../src/core/ingest/hints.ts";
import { refreshObjects } from "../../src/core/ingest/refresh.ts";
import type { Source } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";

test("an object that is hinted at whole is read without a look; its bytes decide whether it is still there", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const old = bucket.put("a.txt", "alpha one");
  const looked: string[] = [];
  const source: Source = {
    ...bucket.source,
    async head(uri) {
      looked.push(uri);
      return await bucket.source.head(uri);
    },
  };
  await refreshObjects(engine.pipeline, source, [{ uri: old.uri, ref: old }]);
  assert.deepEqual(looked, []);
  assert.deepEqual(await engine.found("alpha"), ["alpha one"]);
  const next = bucket.put("a.txt", "alpha two");
  await refreshObjects(engine.pipeline, source, [{ uri: next.uri, ref: next }]);
  const summary = await refreshObjects(engine.pipeline, source, [{ uri: old.uri, ref: old }]);
  assert.deepEqual([summary.unchanged, looked.length], [1, 0], "an older version is stale by its number alone");
  assert.deepEqual(await engine.found("alpha"), ["alpha two"]);
});

test("of an object that ends while it is written nothing stays, though its end was heard before the commit", async (context) => {
  const bucket = createBucket();
  const engine = await openBucketEngine(context, {
    wrapWriter: (writer) => ({
      ...writer,
      begin(attempt, signal) {
        const open = writer.begin(attempt, signal);
        return {
          ...open,
          async commit(commit) {
            bucket.delete("a.txt");
            // Another worker hears of it, and finds nothing to remove.
            await refreshObjects(engine.pipeline, bucket.source, [{ uri: attempt.uri }]);
            return await open.commit(commit);
          },
        };
      },
    }),
  });
  const ref = bucket.put("a.txt", "alpha");
  const results: HintResult[] = [];
  const onResult = (result: HintResult) => void results.push(result);
  await refreshObjects(engine.pipeline, bucket.source, [{ uri: ref.uri, ref }], { shared: true, onResult });
  assert.deepEqual(await engine.found("alpha"), []);
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ["removed"],
  );
});

test("a look that shows an object gone removes nothing that was written after it", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const { uri } = bucket.put("a.txt", "alpha one");
  await engine.ingest(bucket.source);
  bucket.delete("a.txt");
  const source: Source = {
    ...bucket.source,
    async head(asked) {
      const live = await bucket.source.head(asked);
      // The object is back at once, and another worker is faster.
      const ref = bucket.put("a.txt", "alpha two");
      await refreshObjects(engine.pipeline, bucket.source, [{ uri, ref }]);
      return live;
    },
  };
  await refreshObjects(engine.pipeline, source, [{ uri }]);
  assert.deepEqual(await engine.found("alpha"), ["alpha two"]);
});

test("each hint has one result, told before slower ones are through; what may pass by itself is told apart", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const refs = ["slow.txt", "quick.txt", "bad.pdf", "away.txt"].map((name) => bucket.put(name, "alpha"));
  const kept = bucket.put("gone.txt", "alpha");
  await engine.refresh(bucket.source, [kept.uri]);
  bucket.delete("gone.txt");
  const slow = Promise.withResolvers<void>();
  const results: HintResult[] = [];
  const source: Source = {
    ...bucket.source,
    async *read(ref, signal) {
      if (ref.uri.endsWith("slow.txt")) await slow.promise;
      if (ref.uri.endsWith("away.txt")) throw new IsthmusError("source_unavailable", "no answer");
      yield* bucket.source.read(ref, signal);
    },
  };
  const hints = [...refs, kept].map((ref) => ({ uri: ref.uri, ...(ref !== kept && { ref }) }));
  await refreshObjects(
    engine.pipeline,
    source,
    [...hints, { uri: "gs://other/x.txt" }, { uri: bucket.uri("never.txt") }],
    {
      onResult(result) {
        results.push(result);
        if (results.length === 4) slow.resolve();
      },
    },
  );
  const told = Object.fromEntries(
    results.map(({ uri, outcome, error }) => [uri.slice(uri.lastIndexOf("/") + 1), [outcome, error?.retryable]]),
  );
  assert.equal(results.length, 7);
  assert.deepEqual(told, {
    "x.txt": ["outside", undefined],
    "quick.txt": ["added", undefined],
    "bad.pdf": ["failed", false],
    "away.txt": ["failed", true],
    "slow.txt": ["added", undefined],
    "gone.txt": ["removed", undefined],
    "never.txt": ["gone", undefined],
  });
});

test("another pipeline writes a version again only where it is asked to", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const ref = bucket.put("a.txt", "alpha");
  await engine.ingest(bucket.source);
  const other = engine.withRegistry({
    ...createParserRegistry({ format: "auto", maxFileBytes: 2 ** 20, maxRecordBytes: 2 ** 16 }),
    fingerprint: "another",
    fingerprints: new Map(),
  });
  const hint = { uri: ref.uri, ref };
  assert.equal((await refreshObjects(other.pipeline, bucket.source, [{ ...hint, reindex: false }])).unchanged, 1);
  assert.equal((await refreshObjects(other.pipeline, bucket.source, [hint])).changed, 1);
  assert.equal((await refreshObjects(other.pipeline, bucket.source, [hint])).unchanged, 1);
});
