import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import type { IngestOptions } from "../../src/core/ingest-types.ts";
import type { Source } from "../../src/core/ports.ts";
import { type Bucket, createBucket } from "../support/bucket.ts";
import { type BucketEngine, openBucketEngine } from "../support/bucket-engine.ts";

function fill(bucket: Bucket, count: number): string[] {
  return Array.from({ length: count }, (_, index) => bucket.put(`${index}.txt`, `alpha ${index}`).uri);
}

const deleteFirst = (bucket: Bucket, count: number) => {
  for (let index = 0; index < count; index++) bucket.delete(`${index}.txt`);
};

const faultAt = (uri: string) => ({
  kind: "fault" as const,
  uri,
  error: new IsthmusError("source_unreadable", "no permission"),
});

/** The head of every URI that `fails` picks fails with the code. */
const withBadHeads = (source: Source, code: "source_unavailable" | "source_not_found", fails: RegExp): Source => ({
  ...source,
  async head(uri) {
    if (fails.test(uri)) throw new IsthmusError(code, "no answer");
    return await source.head(uri);
  },
});

for (const { gone, of, passes } of [
  { gone: 20, of: 20, passes: true },
  { gone: 21, of: 21, passes: false },
  { gone: 21, of: 200, passes: true },
  { gone: 40, of: 200, passes: true },
  { gone: 41, of: 200, passes: false },
]) {
  test(`${gone} of ${of} documents gone: ${passes ? "removed" : "refused"}, by a run, by hints`, async (context) => {
    const engine = await openBucketEngine(context);
    const ways: ((bucket: Bucket, uris: string[], allowMassDelete: boolean) => Promise<{ removed: number }>)[] = [
      (bucket, _uris, allowMassDelete) => engine.ingest(bucket.source, { allowMassDelete }),
      (bucket, uris, allowMassDelete) => engine.refresh(bucket.source, uris, { allowMassDelete }),
    ];
    for (const [index, way] of ways.entries()) {
      const bucket = createBucket(`gs://bucket/${index}/`);
      const uris = fill(bucket, of);
      await engine.ingest(bucket.source);
      deleteFirst(bucket, gone);
      if (!passes) {
        await assert.rejects(way(bucket, uris, false), { code: "mass_delete_refused" });
        assert.equal((await engine.store.count(bucket.source.scope)).documents, of);
      }
      assert.equal((await way(bucket, uris, !passes)).removed, gone);
      assert.equal((await engine.store.count(bucket.source.scope)).documents, of - gone);
    }
  });
}

test("documents that vanish while they are read count towards the guard", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 30);
  await engine.ingest(bucket.source);
  fill(bucket, 30);
  const source: Source = {
    ...bucket.source,
    async *read(ref) {
      bucket.delete(ref.uri.slice(bucket.source.scope.length));
      yield* [];
      throw new IsthmusError("source_changed", "gone");
    },
  };
  await assert.rejects(engine.ingest(source), { code: "mass_delete_refused" });
  assert.equal((await engine.found("alpha")).length, 30);
});

test("removing a prefix is guarded, removing a document is not, and a name is no prefix", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  fill(bucket, 21);
  await engine.ingest(bucket.source);
  await assert.rejects(engine.remove("gs://bucket/docs/"), { code: "mass_delete_refused" });
  assert.equal((await engine.remove("gs://bucket/docs")).removed, 0);
  assert.equal((await engine.remove("gs://bucket/docs/1")).removed, 0);
  assert.equal((await engine.found("alpha")).length, 21);
  assert.equal((await engine.remove(bucket.uri("0.txt"))).removed, 1);
  assert.equal((await engine.remove("gs://bucket/docs/")).removed, 20, "twenty go without asking");
  fill(bucket, 21);
  await engine.ingest(bucket.source);
  assert.equal((await engine.remove("gs://bucket/docs/", { allowMassDelete: true })).removed, 21);
});

test("deletes stay inside the scope: a folder beside it that begins with its name is another", async (context) => {
  const engine = await openBucketEngine(context);
  const [docs, older] = [createBucket("gs://bucket/docs/"), createBucket("gs://bucket/docs-old/")];
  for (const bucket of [docs, older]) {
    bucket.put("a.txt", `alpha ${bucket.source.scope}`);
    await engine.ingest(bucket.source);
  }
  docs.delete("a.txt");
  assert.equal((await engine.ingest(docs.source)).removed, 1);
  assert.deepEqual(await engine.found("alpha"), ["alpha gs://bucket/docs-old/"]);
});

test("a source of a single object removes that object alone", async (context) => {
  const engine = await openBucketEngine(context);
  const buckets = ["gs://bucket/a.txt", "gs://bucket/a.txt.bak", "gs://bucket/a.txt/b.txt"].map(createBucket);
  for (const bucket of buckets) {
    bucket.put("", `alpha ${bucket.source.scope}`);
    await engine.ingest(bucket.source);
  }
  buckets[0]?.delete("");
  assert.equal((await engine.ingest(buckets[0]?.source ?? assert.fail())).removed, 1);
  const others = ["alpha gs://bucket/a.txt.bak", "alpha gs://bucket/a.txt/b.txt"];
  assert.deepEqual(await engine.found("alpha"), others);
  const beside = buckets.slice(1).map((bucket) => bucket.source.scope);
  await engine.refresh(buckets[0]?.source ?? assert.fail(), beside);
  assert.deepEqual(await engine.found("alpha"), others, "a name that goes on is outside the scope");
});

test("hints outside the source's scope are left alone", async (context) => {
  const engine = await openBucketEngine(context);
  const [docs, older] = [createBucket("gs://bucket/docs/"), createBucket("gs://bucket/docs-old/")];
  const { uri } = older.put("a.txt", "alpha");
  await engine.ingest(older.source);
  let looked = 0;
  const source: Source = {
    ...docs.source,
    async head() {
      looked++;
      return undefined;
    },
  };
  const { removed, failed } = await engine.refresh(source, [uri, "gs://bucket/docs"]);
  assert.deepEqual({ removed, failed, looked }, { removed: 0, failed: 0, looked: 0 });
  assert.deepEqual(await engine.found("alpha"), ["alpha"]);
});

async function threeIndexed(engine: BucketEngine): Promise<{ bucket: Bucket; uris: string[] }> {
  const bucket = createBucket();
  const uris = fill(bucket, 3);
  await engine.ingest(bucket.source);
  return { bucket, uris };
}

test("an object that a listing missed and that lives is kept", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = await threeIndexed(engine);
  bucket.delete("2.txt");
  bucket.listAs([]);
  assert.equal((await engine.ingest(bucket.source)).removed, 1);
  assert.deepEqual(await engine.found("alpha"), ["alpha 0", "alpha 1"]);
});

test("an object that a listing missed and that cannot be looked at is kept, the others go", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = await threeIndexed(engine);
  bucket.delete("0.txt");
  bucket.delete("1.txt");
  const { removed } = await engine.ingest(withBadHeads(bucket.source, "source_unavailable", /0\.txt$/));
  assert.equal(removed, 1);
  assert.deepEqual(await engine.found("alpha"), ["alpha 0", "alpha 2"]);
});

test("a source that is gone by the time of that look removes nothing", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = await threeIndexed(engine);
  bucket.delete("0.txt");
  await assert.rejects(engine.ingest(withBadHeads(bucket.source, "source_not_found", /./)), {
    code: "source_not_found",
  });
  assert.equal((await engine.found("alpha")).length, 3);
});

test("a hint whose object cannot be looked at fails alone; a source that is gone ends the refresh", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket, uris } = await threeIndexed(engine);
  bucket.delete("0.txt");
  bucket.put("1.txt", "alpha changed");
  bucket.delete("2.txt");
  await assert.rejects(engine.refresh(withBadHeads(bucket.source, "source_not_found", /1\.txt$/), uris), {
    code: "source_not_found",
  });
  assert.equal((await engine.found("alpha")).length, 3);
  const { failed, changed, removed } = await engine.refresh(
    withBadHeads(bucket.source, "source_unavailable", /0\.txt$/),
    uris,
  );
  assert.deepEqual({ failed, changed, removed }, { failed: 1, changed: 1, removed: 1 });
  assert.deepEqual(await engine.found("alpha"), ["alpha 0", "alpha changed"]);
  assert.equal((await engine.entry(bucket.uri("0.txt"))).failure?.code, "source_unavailable");
});

test("a place that cannot be listed hides what is in it, and itself, and nothing beside it", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const all = ["x", "x/a", "x-old", "y", "y.txt", "z"];
  for (const name of all) bucket.put(name, `alpha ${name}`);
  await engine.ingest(bucket.source);
  for (const name of all) bucket.delete(name);
  // A dangling link is told as the folder it may have been; `y` is told as the file it was.
  bucket.listAs([faultAt(bucket.uri("x/")), faultAt(bucket.uri("y"))]);
  const { removed, failed } = await engine.ingest(bucket.source);
  assert.deepEqual({ removed, failed }, { removed: 3, failed: 2 });
  assert.deepEqual(await engine.found("alpha"), ["alpha x", "alpha x/a", "alpha y"]);
  assert.equal((await engine.store.count("")).failed, 2);
  bucket.listAs(undefined);
  assert.equal((await engine.ingest(bucket.source)).removed, 3);
  assert.equal((await engine.store.count("")).failed, 0);
});

test("lots of hints that belong together are judged as one, and a refused one goes on counting", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  for (let index = 0; index < 60; index++) bucket.put(`${index}.txt`, `alpha ${index}`);
  await engine.ingest(bucket.source);
  let next = 0;
  /** Deletes the next objects of the bucket and tells of them. */
  const lot = (size: number, options: IngestOptions = {}) => {
    const names = Array.from({ length: size }, () => `${next++}.txt`);
    for (const name of names) bucket.delete(name);
    const uris = names.map((name) => bucket.uri(name));
    return engine.refresh(bucket.source, uris, options);
  };
  assert.equal((await lot(15)).removed, 15);
  assert.equal((await lot(5)).removed, 5);
  await assert.rejects(lot(1), {
    code: "mass_delete_refused",
    message: /^1 of 40 documents .*, after 20 that went lately/,
  });
  await assert.rejects(lot(1), {
    code: "mass_delete_refused",
    message: /^1 of 40 documents .*, after 21 that went lately/,
  });
  assert.equal((await engine.found("alpha")).length, 40);
  assert.deepEqual(await held(engine), [bucket.uri("20.txt"), bucket.uri("21.txt")]);
  // A run without removals has nothing to be refused.
  bucket.put("new.txt", "alpha new");
  assert.equal((await engine.refresh(bucket.source, [bucket.uri("new.txt")])).added, 1);
  // What went is forgotten after a while; what is held goes on counting.
  assert.equal((await lot(3, { removalWindowMs: 0 })).removed, 3);
  await assert.rejects(lot(19, { removalWindowMs: 0 }), { code: "mass_delete_refused", message: /after 2 that went/ });
  assert.equal((await held(engine)).length, 21);
});

test("a fifth of a large scope may go in lots, counted from what it held before them", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  for (let index = 0; index < 150; index++) bucket.put(`${index}.txt`, `alpha ${index}`);
  await engine.ingest(bucket.source);
  const lot = (from: number, to: number) => {
    const names = Array.from({ length: to - from }, (_, index) => `${from + index}.txt`);
    for (const name of names) bucket.delete(name);
    return engine.refresh(
      bucket.source,
      names.map((name) => bucket.uri(name)),
    );
  };
  assert.equal((await lot(0, 15)).removed, 15);
  assert.equal((await lot(15, 30)).removed, 15);
  await assert.rejects(lot(30, 31), { code: "mass_delete_refused" });

  // Documents that were refused are still in the index, and are not counted twice.
  const others = createBucket("gs://bucket/others/");
  fill(others, 100);
  await engine.ingest(others.source);
  const all = others.live().map((ref) => ref.uri);
  deleteFirst(others, 21);
  for (const uris of [all, [others.uri("0.txt")]]) {
    await assert.rejects(engine.refresh(others.source, uris), { code: "mass_delete_refused" });
  }
});

test("a mass delete that comes again and again, lot by lot and to two workers, never passes", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const uris = Array.from({ length: 60 }, (_, index) => bucket.put(`${index}.txt`, `alpha ${index}`).uri);
  await engine.ingest(bucket.source);
  deleteFirst(bucket, 60);
  const refused = { code: "mass_delete_refused", message: /isthmus held allow/ };
  await assert.rejects(engine.refresh(bucket.source, uris), refused);
  assert.equal((await held(engine)).length, 60);
  // Another worker, whatever window it has, and lots of any size.
  const other = engine.withRegistry(engine.pipeline.registry);
  for (const size of [60, 20, 7, 1]) {
    for (let from = 0; from < uris.length; from += size) {
      const lot = uris.slice(from, from + size);
      await assert.rejects(other.refresh(bucket.source, lot, { removalWindowMs: 0 }), refused);
    }
  }
  assert.equal((await engine.found("alpha")).length, 60);
  await assert.rejects(engine.ingest(bucket.source), { code: "mass_delete_refused" });
  assert.equal((await engine.ingest(bucket.source, { allowMassDelete: true })).removed, 60);
  assert.deepEqual(await held(engine), []);
  // What was allowed counts against nothing that comes after.
  for (let index = 0; index < 30; index++) bucket.put(`later ${index}.txt`, `alpha later ${index}`);
  await engine.ingest(bucket.source);
  bucket.delete("later 0.txt");
  assert.equal((await engine.refresh(bucket.source, [bucket.uri("later 0.txt")])).removed, 1);
});

test("documents that are back are held no longer after the next run", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  const uris = Array.from({ length: 30 }, (_, index) => bucket.put(`${index}.txt`, `alpha ${index}`).uri);
  await engine.ingest(bucket.source);
  const away: Source = { ...bucket.source, head: async () => undefined };
  await assert.rejects(engine.refresh(away, uris), { code: "mass_delete_refused" });
  assert.equal((await held(engine)).length, 30);
  assert.equal((await engine.ingest(bucket.source)).unchanged, 30);
  assert.deepEqual(await held(engine), []);
});

test("what a worker writes while a run lists is no deletion to refuse", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  bucket.put("old.txt", "alpha old");
  await engine.ingest(bucket.source);
  const source: Source = {
    ...bucket.source,
    async *list(signal) {
      yield* bucket.source.list(signal);
      const uris = Array.from({ length: 60 }, (_, index) => bucket.put(`new ${index}.txt`, `alpha new ${index}`).uri);
      await engine.refresh(bucket.source, uris);
    },
  };
  const { removed, unchanged } = await engine.ingest(source);
  assert.deepEqual({ removed, unchanged }, { removed: 0, unchanged: 1 });
  assert.equal((await engine.found("alpha")).length, 61);
});

async function held(engine: BucketEngine): Promise<string[]> {
  const uris: string[] = [];
  for await (const { uri } of engine.store.held("")) uris.push(uri);
  return uris;
}
