import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createListingSpill } from "../../src/adapters/store/sqlite/spill.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import { type CompareOptions, type Comparison, compareSource } from "../../src/core/ingest/reconcile.ts";
import type { Source } from "../../src/core/ports.ts";
import { type Bucket, createBucket } from "../support/bucket.ts";
import { type BucketEngine, openBucketEngine } from "../support/bucket-engine.ts";
import { seeded } from "../support/seeded.ts";

async function compare(
  context: TestContext,
  engine: BucketEngine,
  source: Source,
  { repair = false, ...options }: CompareOptions & { readonly repair?: boolean } = {},
): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-reconcile-"));
  const spill = createListingSpill(folder);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const { pipeline, store } = engine;
  const { fingerprints } = pipeline;
  try {
    return await compareSource({ manifest: store, fingerprints, ...(repair && { pipeline }) }, source, spill, options);
  } finally {
    spill.close();
  }
}

function filled(count: number): { bucket: Bucket; uris: string[] } {
  const bucket = createBucket();
  return { bucket, uris: Array.from({ length: count }, (_, at) => bucket.put(`${at}.txt`, `alpha ${at}`).uri) };
}

const differences = ({ missing, stale, outdated, ghosts, pending, failed, held }: Comparison) => ({
  missing,
  stale,
  outdated,
  ghosts,
  pending,
  failed,
  held,
});
const nothing = { missing: 0, stale: 0, outdated: 0, ghosts: 0, pending: 0, failed: 0, held: 0 };
const mended = ({ written, removed, released, unwritten }: Comparison) => ({ written, removed, released, unwritten });
const nothingDone = { written: 0, removed: 0, released: 0, unwritten: 0 };

test("tells what is missing, stale, outdated and a ghost, and changes nothing unasked", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = filled(10);
  await engine.ingest(bucket.source);
  assert.deepEqual(differences(await compare(context, engine, bucket.source)), nothing);
  bucket.put("0.txt", "alpha changed");
  bucket.put("new.txt", "alpha new");
  bucket.delete("1.txt");
  bucket.delete("2.txt");
  const told = await compare(context, engine, bucket.source);
  assert.deepEqual(differences(told), { ...nothing, missing: 1, stale: 1, ghosts: 2 });
  assert.deepEqual(told.findings.map(({ difference, uri }) => `${difference} ${uri.split("/").at(-1)}`).sort(), [
    "ghost 1.txt",
    "ghost 2.txt",
    "missing new.txt",
    "stale 0.txt",
  ]);
  assert.deepEqual(mended(told), nothingDone);
  assert.equal((await engine.found("alpha")).length, 10);
  const later = engine.withRegistry({ ...engine.pipeline.registry, fingerprint: "another", fingerprints: new Map() });
  const outdated = await compare(context, later, bucket.source);
  assert.deepEqual(differences(outdated), { ...nothing, missing: 1, stale: 1, outdated: 7, ghosts: 2 });
});

test("a repair heals 300 lost notifications of every kind, and a second one writes nothing", async (context) => {
  const random = seeded(context);
  const engine = await openBucketEngine(context);
  const { bucket } = filled(400);
  await engine.ingest(bucket.source);
  const name = () => `${Math.floor(random() * 500)}.txt`;
  for (let operation = 0; operation < 300; operation++) {
    const of = name();
    if (random() < 0.25) bucket.delete(of);
    else bucket.put(of, `alpha ${of} ${operation}`);
    // One in ten is heard of.
    if (random() < 0.1) await engine.refresh(bucket.source, [bucket.uri(of)]);
  }
  const first = await compare(context, engine, bucket.source, { repair: true });
  assert.ok(first.missing > 0 && first.stale > 0 && first.ghosts > 0, JSON.stringify(differences(first)));
  assert.equal(first.refused, undefined);
  const second = await compare(context, engine, bucket.source, { repair: true });
  assert.deepEqual([differences(second), mended(second)], [nothing, nothingDone]);
  const fresh = await openBucketEngine(context);
  await fresh.ingest(bucket.source);
  assert.deepEqual(await engine.found("alpha"), await fresh.found("alpha"));
});

test("what workers write and remove while it lists is neither a ghost nor undone", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = filled(30);
  await engine.ingest(bucket.source);
  const other = await openOther(engine, bucket);
  for (const repair of [false, true]) {
    const busy: Source = {
      ...bucket.source,
      async *list(signal) {
        yield* bucket.source.list(signal);
        await other.work(40);
      },
    };
    const found = await compare(context, engine, busy, { repair });
    assert.deepEqual(differences(found), nothing);
    assert.deepEqual(mended(found), nothingDone);
  }
  assert.deepEqual(differences(await compare(context, engine, bucket.source)), nothing);
  assert.equal((await engine.found("alpha")).length, bucket.live().length);
});

/** A worker that writes new objects, changes one and removes one, and tells the index of it. */
async function openOther(engine: BucketEngine, bucket: Bucket) {
  let next = 0;
  return {
    async work(count: number) {
      const names = Array.from({ length: count }, () => `other ${next++}.txt`);
      const uris = names.map((name) => bucket.put(name, `alpha ${name}`).uri);
      uris.push(bucket.put("0.txt", `alpha 0 again ${next}`).uri);
      bucket.delete(`${next / count}.txt`);
      uris.push(bucket.uri(`${next / count}.txt`));
      await engine.refresh(bucket.source, uris);
    },
  };
}

test("an object that is gone by the time it would be written is left out, and one that came back is no ghost", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = filled(3);
  await engine.ingest(bucket.source);
  const [first] = bucket.live();
  bucket.delete("0.txt");
  await engine.refresh(bucket.source, [bucket.uri("0.txt")]);
  // A listing of before the deletion, which the index has already.
  bucket.listAs([...(first === undefined ? [] : [first]), ...bucket.live()]);
  for (const repair of [false, true]) {
    assert.deepEqual(differences(await compare(context, engine, bucket.source, { repair })), nothing);
  }
  assert.deepEqual(await engine.found("alpha"), ["alpha 1", "alpha 2"]);
  bucket.listAs([]);
  assert.deepEqual(differences(await compare(context, engine, bucket.source, { repair: true })), nothing);
  assert.equal((await engine.found("alpha")).length, 2);
});

test("ghosts over both bounds are held and not removed; allowed, they go, and nothing is held any more", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = filled(60);
  await engine.ingest(bucket.source);
  for (let at = 0; at < 30; at++) bucket.delete(`${at}.txt`);
  for (let again = 0; again < 2; again++) {
    const found = await compare(context, engine, bucket.source, { repair: true });
    assert.deepEqual(differences(found), { ...nothing, ghosts: 30, held: 30 });
    assert.match(found.refused ?? "", /^30 of 60 documents .*held allow/);
  }
  assert.equal((await engine.found("alpha")).length, 60);
  const allowed = await compare(context, engine, bucket.source, { repair: true, allowMassDelete: true });
  assert.deepEqual([allowed.removed, allowed.held, allowed.refused], [30, 0, undefined]);
  assert.equal((await engine.found("alpha")).length, 30);
});

test("what was held for a lot of its own goes when all that is gone is small enough, and stays when it is back", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket, uris } = filled(60);
  await engine.ingest(bucket.source);
  const away: Source = { ...bucket.source, head: async () => undefined };
  await assert.rejects(engine.refresh(away, uris), { code: "mass_delete_refused" });
  bucket.delete("0.txt");
  const found = await compare(context, engine, bucket.source, { repair: true });
  assert.deepEqual([found.ghosts, found.removed, found.released, found.held], [1, 1, 59, 0]);
  const again = await compare(context, engine, bucket.source, { repair: true });
  assert.deepEqual([differences(again), mended(again)], [nothing, nothingDone]);
});

test("a young object is pending to whoever only looks, and written by a repair", async (context) => {
  const engine = await openBucketEngine(context);
  const { bucket } = filled(2);
  await engine.ingest(bucket.source);
  const ref = { ...bucket.put("new.txt", "alpha new"), updatedAt: new Date().toISOString() };
  bucket.listAs([...bucket.live().filter(({ uri }) => uri !== ref.uri), ref]);
  assert.deepEqual(differences(await compare(context, engine, bucket.source)), { ...nothing, pending: 1 });
  const found = await compare(context, engine, bucket.source, { repair: true });
  assert.deepEqual([found.missing, found.written], [1, 1]);
});

test("a place that cannot be listed is counted, and nothing in it is a ghost", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  for (const name of ["x/a.txt", "y.txt"]) bucket.put(name, `alpha ${name}`);
  await engine.ingest(bucket.source);
  const error = new IsthmusError("source_unreadable", "no permission");
  const rest = bucket.live().filter(({ uri }) => uri.endsWith("y.txt"));
  bucket.delete("x/a.txt");
  bucket.listAs([{ kind: "fault", uri: bucket.uri("x/"), error }, ...rest]);
  const found = await compare(context, engine, bucket.source, { repair: true });
  assert.deepEqual([found.unlisted, found.ghosts], [1, 0]);
  assert.equal((await engine.found("alpha")).length, 2);
});
