import assert from "node:assert/strict";
import { test } from "node:test";
import { createParserRegistry } from "../../src/adapters/parser/registry.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import type { Source, StoreWriter } from "../../src/core/ports.ts";
import type { DocumentRow } from "../../src/core/types.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";
import { createHastyRegistry } from "../support/fake-parser.ts";
import { fc } from "../support/fast-check.ts";
import { recordWrites, wrapAttempts } from "../support/recorded-writer.ts";

test("a listing that is behind never brings an older version back", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const older = bucket.put("a.txt", "alpha first");
  bucket.put("a.txt", "alpha second");
  await engine.ingest(bucket.source);
  bucket.listAs([older]);
  const { unchanged, changed } = await engine.ingest(bucket.source);
  assert.deepEqual({ unchanged, changed }, { unchanged: 1, changed: 0 });
  assert.deepEqual(await engine.found("alpha"), ["alpha second"]);
});

test("a listing that is behind never brings a deleted version back, though its bytes can still be read", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const gone = bucket.put("a.txt", "alpha");
  await engine.ingest(bucket.source);
  bucket.delete("a.txt");
  assert.equal((await engine.ingest(bucket.source)).removed, 1);
  bucket.listAs([gone]);
  const { added, unchanged } = await engine.ingest(bucket.source);
  assert.deepEqual({ added, unchanged }, { added: 0, unchanged: 1 });
  assert.deepEqual(await engine.found("alpha"), []);
});

test("a deleted version whose object lives comes back", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  bucket.put("a.txt", "alpha");
  await engine.ingest(bucket.source);
  await engine.remove(bucket.uri("a.txt"));
  assert.deepEqual(await engine.found("alpha"), []);
  assert.equal((await engine.ingest(bucket.source)).added, 1);
  assert.deepEqual(await engine.found("alpha"), ["alpha"]);
  assert.deepEqual((await engine.entry(bucket.uri("a.txt"))).current?.order, { generation: 1, reindex: 1 });
});

test("a deleted version does not come back where a newer object lives", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const first = bucket.put("a.txt", "alpha first");
  await engine.ingest(bucket.source);
  await engine.remove(bucket.uri("a.txt"));
  bucket.put("a.txt", "alpha second");
  bucket.listAs([first]);
  await engine.ingest(bucket.source);
  assert.deepEqual(await engine.found("alpha"), []);
  bucket.listAs(undefined);
  await engine.ingest(bucket.source);
  assert.deepEqual(await engine.found("alpha"), ["alpha second"]);
});

/** Lets another writer commit a row just before the engine commits version 1 of `a.txt`. */
async function overtaken(context: Parameters<typeof openBucketEngine>[0], other: Partial<DocumentRow>) {
  const recorded = recordWrites();
  let meet = true;
  const wrapWriter = (writer: StoreWriter): StoreWriter =>
    wrapAttempts(recorded.wrap(writer), (open) => ({
      async commit(commit) {
        if (meet && commit.version === "1") {
          meet = false;
          const theirs = { ...commit, chunks: 0, ...other };
          if (theirs.state === "deleted") await writer.remove([theirs]);
          else await writer.begin(theirs).commit(theirs);
        }
        return await open.commit(commit);
      },
    }));
  const engine = await openBucketEngine(context, { wrapWriter });
  const bucket = createBucket();
  bucket.put("a.txt", "alpha first");
  const summary = await engine.ingest(bucket.source);
  return { engine, recorded, summary, uri: bucket.uri("a.txt") };
}

test("a writer that is overtaken takes its own chunks back, and tells of nothing added", async (context) => {
  const order = { generation: 9, reindex: 0 };
  const { engine, recorded, summary, uri } = await overtaken(context, { version: "9", order });
  assert.deepEqual(recorded.orders("commit"), [{ generation: 1, reindex: 0 }]);
  assert.deepEqual([summary.added, summary.unchanged], [0, 1]);
  assert.equal((await engine.entry(uri)).current?.version, "9");
  assert.deepEqual(await engine.found("alpha"), []);
});

test("a tombstone of the same order wins over the version that is committed after it", async (context) => {
  const { engine, uri } = await overtaken(context, { state: "deleted" });
  assert.equal((await engine.entry(uri)).current?.state, "deleted");
  assert.deepEqual(await engine.found("alpha"), []);
});

test("each version is committed once, and a deletion by a tombstone at the order of what it removes", async (context) => {
  const recorded = recordWrites();
  const engine = await openBucketEngine(context, { wrapWriter: recorded.wrap });
  const bucket = createBucket();
  bucket.put("a.txt", "alpha first");
  await engine.ingest(bucket.source);
  bucket.put("a.txt", "alpha second");
  await engine.ingest(bucket.source);
  bucket.delete("a.txt");
  await engine.ingest(bucket.source);
  assert.deepEqual(recorded.versions("commit"), ["1", "2"]);
  assert.deepEqual(recorded.orders("remove"), [recorded.orders("commit")[1]]);
});

for (const verdict of ["a document", "empty"] as const) {
  test(`a version the source takes back after its last byte is never committed: the parser saw ${verdict}`, async (context) => {
    const recorded = recordWrites();
    const engine = await openBucketEngine(context, {
      registry: createHastyRegistry(verdict),
      wrapWriter: recorded.wrap,
    });
    const bucket = createBucket();
    const pieces = ["alpha ".repeat(1000), "unread ", "unread"];
    const first = bucket.put("a.txt", pieces);
    const source: Source = {
      ...bucket.source,
      async *read(ref, signal) {
        yield* bucket.source.read(ref, signal);
        if (ref.version !== first.version) return;
        bucket.put("a.txt", ["alpha ".repeat(1000), "changed"]);
        throw new IsthmusError("source_changed", "another version lives");
      },
    };
    await engine.ingest(source);
    assert.deepEqual(recorded.versions("commit"), ["2"]);
    assert.equal((await engine.entry(bucket.uri("a.txt"))).current?.version, "2");
  });
}

test("an object that changes at every read is followed a few times, recorded, and tried in the next run", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  bucket.put("a.txt", "alpha 0");
  bucket.put("b.txt", "alpha quiet");
  let changes = 0;
  const source: Source = {
    ...bucket.source,
    async *read(ref, signal) {
      yield* bucket.source.read(ref, signal);
      // Ends by itself, so that an engine that follows for ever is seen to succeed instead of hanging the test.
      if (!ref.uri.endsWith("a.txt") || ++changes > 20) return;
      bucket.put("a.txt", `alpha ${changes}`);
      throw new IsthmusError("source_changed", "another version lives");
    },
  };
  const first = await engine.ingest(source);
  assert.deepEqual([first.added, first.failed], [1, 1]);
  assert.equal(changes, 4, "the listed version, and three followed");
  assert.equal((await engine.entry(bucket.uri("a.txt"))).failure?.code, "source_changed");
  for (let run = 0; run < 3; run++) assert.equal((await engine.ingest(source)).failed, 1);
  assert.equal((await engine.ingest(bucket.source)).added, 1);
  assert.deepEqual(await engine.found("alpha"), ["alpha 16", "alpha quiet"]);
});

test("attempts count for one version under one pipeline: another pipeline starts over", async (context) => {
  const settings = { format: "auto", maxFileBytes: 1000 } as const;
  const registries = [100, 200].map((maxRecordBytes) => createParserRegistry({ ...settings, maxRecordBytes }));
  context.after(() => Promise.all(registries.map((registry) => registry.close())));
  const [one, two] = registries;
  assert.ok(one && two);
  const engine = await openBucketEngine(context, { registry: one });
  const bucket = createBucket();
  bucket.put("a.txt", "too large ".repeat(200));
  const attempts = async () => (await engine.entry(bucket.uri("a.txt"))).failure?.attempts;
  for (const expected of [1, 2]) {
    await engine.ingest(bucket.source);
    assert.equal(await attempts(), expected);
  }
  await engine.withRegistry(two).ingest(bucket.source);
  assert.equal(await attempts(), 1);
  bucket.put("a.txt", "too large again ".repeat(200));
  await engine.withRegistry(two).ingest(bucket.source);
  assert.equal(await attempts(), 1, "another version starts over, too");
});

test("the same hint twice in one batch is one document", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  bucket.put("a.txt", "alpha");
  const hints = [bucket.uri("a.txt"), bucket.uri("a.txt")];
  const { added, unchanged } = await engine.refresh(bucket.source, hints);
  assert.deepEqual({ added, unchanged, reads: bucket.reads.length }, { added: 1, unchanged: 0, reads: 1 });
  bucket.delete("a.txt");
  assert.equal((await engine.refresh(bucket.source, hints)).removed, 1);
  assert.deepEqual(await engine.found("alpha"), []);
});

const names = ["a.txt", "b.txt", "c.txt"];
const change = fc.record({ name: fc.constantFrom(...names), deleted: fc.boolean() });
/** Which of the changes so far are hinted at, in any order and more than once; then a full run, or none. */
const delivery = fc.record({ hints: fc.array(fc.nat(50), { maxLength: 6 }), run: fc.boolean(), stale: fc.boolean() });

test("hints in any order, late, doubled or lost, and listings that are behind, end in what the bucket holds", async (context) => {
  const engine = await openBucketEngine(context);
  let bucketNumber = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(change, delivery), { minLength: 1, maxLength: 10 }), async (steps) => {
      const bucket = createBucket(`gs://bucket/${bucketNumber++}/`);
      const touched: string[] = [];
      let behind = bucket.live();
      for (const [{ name, deleted }, { hints, run, stale }] of steps) {
        const before = bucket.live();
        if (deleted) bucket.delete(name);
        else bucket.put(name, `alpha ${name} ${touched.length}`);
        touched.push(bucket.uri(name));
        for (const hint of hints) await engine.refresh(bucket.source, [touched[hint % touched.length] ?? ""]);
        const indexed = new Map(
          await Promise.all(names.map(async (each) => [each, (await engine.entry(bucket.uri(each))).current] as const)),
        );
        bucket.listAs(stale ? behind : undefined);
        if (run) await engine.ingest(bucket.source);
        bucket.listAs(undefined);
        behind = before;
        for (const each of names) {
          const now = (await engine.entry(bucket.uri(each))).current?.order.generation ?? 0;
          assert.ok(now >= (indexed.get(each)?.order.generation ?? 0), "an older version replaced a newer one");
        }
      }
      await engine.refresh(bucket.source, [...new Set(touched)].reverse());
      const scope = bucket.source.scope;
      const expected = bucket.live().map((ref) => ref.version);
      const current = await Promise.all(names.map(async (name) => (await engine.entry(bucket.uri(name))).current));
      const kept = current.filter((row) => row?.state === "indexed").map((row) => row?.version);
      assert.deepEqual(kept.sort(), expected.sort());
      assert.equal((await engine.found("alpha", scope)).length, expected.length);
      const { unchanged } = await engine.ingest(bucket.source);
      assert.equal(unchanged, expected.length);
    }),
    { numRuns: 25 },
  );
});
