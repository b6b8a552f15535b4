import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import { sharded, shardOf } from "../../src/core/ingest/sharded.ts";
import type { Source } from "../../src/core/ports.ts";
import { type Bucket, createBucket } from "../support/bucket.ts";
import { type BucketEngine, openBucketEngine } from "../support/bucket-engine.ts";
import { fc } from "../support/fast-check.ts";

const shardsOf = (source: Source, count: number) =>
  Array.from({ length: count }, (_, index) => sharded(source, { index, count }));

/** What the manifest says of the bucket: which objects are indexed, at which version. */
async function indexed(engine: BucketEngine, scope: string): Promise<string[]> {
  const entries = await engine.store.page(scope, undefined, 1000);
  return entries.map(({ uri, current }) => `${uri}@${current?.version}`);
}

test("names of any kind are spread over the shards, each object to one", () => {
  for (const nameOf of [
    (at: number) => `${at}.txt`,
    (at: number) => `same/long/prefix/${String(at).padStart(9, "0")}`,
  ]) {
    const counts = new Array<number>(8).fill(0);
    for (let at = 0; at < 8000; at++) {
      const shard = shardOf(`gs://bucket/${nameOf(at)}`, 8);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    assert.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1150, `${counts}`);
  }
  // Fixed for ever: another release must not move the objects to other shards in the middle of a Job.
  assert.deepEqual(
    ["a.txt", "b.txt", "c.txt", "d.txt"].map((name) => shardOf(`gs://bucket/${name}`, 16)),
    [3, 14, 14, 13],
  );
});

test("shards together are one run: additions, changes and removals, in any order and number", async (context) => {
  const whole = await openBucketEngine(context);
  const parts = await openBucketEngine(context);
  const change = fc.record({ name: fc.nat(30).map((at) => `${at}.txt`), deleted: fc.boolean() });
  const round = fc.record({
    changes: fc.array(change, { minLength: 1, maxLength: 30, size: "max" }),
    shards: fc.integer({ min: 1, max: 5 }),
    hints: fc.boolean(),
  });
  let buckets = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 5 }), async (rounds) => {
      const bucket = createBucket(`gs://bucket/${buckets++}/`);
      let version = 0;
      for (const { changes, shards, hints } of rounds) {
        for (const { name, deleted } of changes) {
          if (deleted) bucket.delete(name);
          else bucket.put(name, `alpha ${name} ${version++}`);
        }
        const expected = await whole.ingest(bucket.source, { allowMassDelete: true });
        const uris = changes.map(({ name }) => bucket.uri(name));
        const sums = { added: 0, changed: 0, unchanged: 0, removed: 0, failed: 0 };
        for (const shard of shardsOf(bucket.source, shards).reverse()) {
          const options = { allowMassDelete: true };
          const summary = hints ? await parts.refresh(shard, uris, options) : await parts.ingest(shard, options);
          for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += summary[key];
        }
        const { added, changed, unchanged, removed, failed } = expected;
        if (!hints) assert.deepEqual(sums, { added, changed, unchanged, removed, failed });
        assert.deepEqual(await indexed(parts, bucket.source.scope), await indexed(whole, bucket.source.scope));
        assert.deepEqual(
          await parts.found("alpha", bucket.source.scope),
          await whole.found("alpha", bucket.source.scope),
        );
      }
    }),
    { numRuns: 25 },
  );
});

test("a shard tells its own objects from those of others, and finds its own alone", async () => {
  const bucket = createBucket();
  fill(bucket, 20);
  for (const [index, shard] of shardsOf(bucket.source, 3).entries()) {
    const own = bucket.live().filter(({ uri }) => shardOf(uri, 3) === index);
    const listed: string[] = [];
    const others: string[] = [];
    for await (const item of shard.list()) {
      assert.ok(item.kind !== "fault");
      (item.kind === "object" ? listed : others).push(item.ref.uri);
    }
    assert.deepEqual(listed.sort(), own.map(({ uri }) => uri).sort());
    const rest = bucket.live().filter((ref) => !own.includes(ref));
    assert.deepEqual(others.sort(), rest.map(({ uri }) => uri).sort());
    for (const ref of bucket.live()) assert.deepEqual(await shard.head(ref.uri), own.includes(ref) ? ref : undefined);
  }
});

function fill(bucket: Bucket, count: number): void {
  for (let at = 0; at < count; at++) bucket.put(`${at}.txt`, `alpha ${at}`);
}

test("one shard alone leaves the documents of the others as they are", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 40);
  await engine.ingest(bucket.source);
  for (let at = 0; at < 40; at++) bucket.delete(`${at}.txt`);
  const [shard] = shardsOf(bucket.source, 4);
  assert.ok(shard);
  const { removed } = await engine.ingest(shard, { allowMassDelete: true });
  assert.ok(removed > 0 && removed < 40);
  const left = await engine.store.page(bucket.source.scope, undefined, 100);
  assert.equal(left.length, 40 - removed);
  assert.ok(left.every(({ uri }) => shardOf(uri, 4) !== 0));
});

test("the guard counts over all shards, and stops only those that have something to remove", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 400);
  await engine.ingest(bucket.source);
  // All of one shard are gone: a quarter of the whole, and all of its own.
  const own = bucket.live().filter((ref) => shardOf(ref.uri, 4) === 1);
  for (const ref of own) bucket.delete(ref.uri.slice(bucket.source.scope.length));
  const [first, second] = shardsOf(bucket.source, 4);
  assert.ok(first && second);
  await assert.rejects(engine.ingest(second), {
    code: "mass_delete_refused",
    message: new RegExp(`^${own.length} of 400 documents`),
  });
  assert.equal((await engine.ingest(first)).removed, 0);
  assert.equal((await engine.store.count(bucket.source.scope)).documents, 400);
  assert.equal((await engine.ingest(second, { allowMassDelete: true })).removed, own.length);
});

test("an emptied bucket is refused by every one of ten shards, however few documents each has", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 150);
  await engine.ingest(bucket.source);
  for (let at = 0; at < 150; at++) bucket.delete(`${at}.txt`);
  for (const shard of shardsOf(bucket.source, 10)) {
    await assert.rejects(engine.ingest(shard), { code: "mass_delete_refused", message: /^150 of 150 documents/ });
  }
  assert.equal((await engine.store.count(bucket.source.scope)).documents, 150);
  let removed = 0;
  for (const shard of shardsOf(bucket.source, 10)) {
    removed += (await engine.ingest(shard, { allowMassDelete: true })).removed;
  }
  assert.equal(removed, 150);
});

test("a few deletes pass the guard of a shard as they pass that of a whole run", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 400);
  await engine.ingest(bucket.source);
  // Over 20 and under a fifth of the shard.
  const own = bucket.live().filter((ref) => shardOf(ref.uri, 2) === 0);
  const gone = own.slice(0, 25);
  for (const ref of gone) bucket.delete(ref.uri.slice(bucket.source.scope.length));
  const [first] = shardsOf(bucket.source, 2);
  assert.ok(first);
  assert.equal((await engine.ingest(first)).removed, 25);
});

test("a folder that cannot be listed hides its objects from every shard, a single object only from its own", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 10);
  await engine.ingest(bucket.source);
  const error = new IsthmusError("source_unreadable", "no permission");
  bucket.listAs([{ kind: "fault", uri: bucket.source.scope, error }]);
  for (const shard of shardsOf(bucket.source, 3)) {
    assert.equal((await engine.ingest({ ...shard, head: async () => undefined })).removed, 0);
  }
  bucket.listAs([{ kind: "fault", uri: bucket.uri("0.txt"), error }]);
  const failed: number[] = [];
  for (const shard of shardsOf(bucket.source, 3)) failed.push((await engine.ingest(shard)).failed);
  assert.deepEqual(failed.toSorted(), [0, 0, 1]);
});
