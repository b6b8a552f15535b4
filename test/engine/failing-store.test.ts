import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import type { StoreWriter } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";
import { createHastyRegistry } from "../support/fake-parser.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { recordWrites, wrapAttempts } from "../support/recorded-writer.ts";

/** More than one batch of chunks of a document: the first is stored before the last is embedded. */
const manyWords = (last: string) =>
  Array.from({ length: 40 }, (_, index) => JSON.stringify({ id: index, text: index === 39 ? last : `alpha ${index}` }));

test("what was stored of an attempt that failed is taken back, and the version before it goes on answering", async (context) => {
  const embedder = createHashEmbedder({
    onEmbed(texts) {
      if (texts.some((text) => text.includes("refused"))) throw new IsthmusError("embedder_rejected", "refused");
    },
  });
  const recorded = recordWrites();
  const engine = await openBucketEngine(context, { embedder, wrapWriter: recorded.wrap });
  const bucket = createBucket();
  bucket.put("a.jsonl", `{"id":"1","text":"alpha before"}`);
  await engine.ingest(bucket.source);
  const { version } = bucket.put("a.jsonl", manyWords("refused").join("\n"));
  assert.equal((await engine.ingest(bucket.source)).failed, 1);
  assert.deepEqual(recorded.versions("put"), ["1", version]);
  assert.deepEqual(recorded.versions("abandon"), [version]);
  assert.deepEqual(recorded.versions("commit"), ["1"]);
  assert.deepEqual(await engine.found("alpha"), ["alpha before"]);
  bucket.put("a.jsonl", manyWords("alpha last").join("\n"));
  assert.equal((await engine.ingest(bucket.source)).changed, 1);
  assert.equal((await engine.found("alpha")).length, 40);
});

test("a run that is stopped takes nothing away from the one that follows it", async (context) => {
  const controller = new AbortController();
  const recorded = recordWrites();
  const stopAfterPut = (writer: StoreWriter): StoreWriter =>
    wrapAttempts(writer, (open) => ({
      async put(chunks) {
        await open.put(chunks);
        controller.abort();
      },
    }));
  const engine = await openBucketEngine(context, { wrapWriter: (writer) => recorded.wrap(stopAfterPut(writer)) });
  const bucket = createBucket();
  const { version } = bucket.put("a.jsonl", manyWords("alpha last").join("\n"));
  assert.equal((await engine.ingest(bucket.source, { signal: controller.signal })).interrupted, true);
  assert.deepEqual(recorded.versions("put"), [version]);
  assert.deepEqual(recorded.versions("abandon"), []);
  assert.deepEqual(await engine.found("alpha"), []);
  assert.equal((await engine.ingest(bucket.source)).added, 1);
  assert.equal((await engine.found("alpha")).length, 40);
});

test("a commit that happened and was not heard of stands, and the next run finds it done", async (context) => {
  let broken = true;
  const wrapWriter = (writer: StoreWriter): StoreWriter =>
    wrapAttempts(writer, (open) => ({
      async commit(commit) {
        const committed = await open.commit(commit);
        if (broken) throw new IsthmusError("store_unavailable", "the store is gone");
        return committed;
      },
    }));
  const engine = await openBucketEngine(context, { wrapWriter });
  const bucket = createBucket();
  bucket.put("a.txt", "alpha");
  await assert.rejects(engine.ingest(bucket.source), { code: "store_unavailable" });
  assert.deepEqual(await engine.found("alpha"), ["alpha"]);
  broken = false;
  const { unchanged, embedded } = await engine.ingest(bucket.source);
  assert.deepEqual({ unchanged, embedded }, { unchanged: 1, embedded: 0 });
});

test("a store that fails at put ends the run, blames no document, and starts no further one", async (context) => {
  let broken = true;
  const recorded = recordWrites();
  const engine = await openBucketEngine(context, {
    wrapWriter: (writer) =>
      wrapAttempts(recorded.wrap(writer), (open) => ({
        async put(chunks) {
          if (broken) throw new IsthmusError("store_full", "no space");
          await open.put(chunks);
        },
      })),
  });
  const bucket = createBucket();
  for (let index = 0; index < 200; index++) bucket.put(`${index}.txt`, `alpha ${index}`);
  await assert.rejects(engine.ingest(bucket.source), { code: "store_full" });
  assert.ok(bucket.reads.length <= 2 * engine.pipeline.concurrency, `${bucket.reads.length} documents were started`);
  assert.deepEqual(recorded.versions("recordFailure"), []);
  assert.equal(bucket.openReads, 0);
  broken = false;
  assert.equal((await engine.ingest(bucket.source)).added, 200);
});

for (const code of ["store_corrupt", "config_invalid", "cancelled", "model_damaged", "embedder_mismatch"] as const) {
  test(`${code} ends the run and is no document's fault`, async (context) => {
    const recorded = recordWrites();
    const engine = await openBucketEngine(context, { wrapWriter: recorded.wrap });
    const bucket = createBucket();
    for (let index = 0; index < 100; index++) bucket.put(`${index}.txt`, `alpha ${index}`);
    const source: typeof bucket.source = {
      ...bucket.source,
      async *read(ref, signal) {
        yield* bucket.source.read(ref, signal);
        throw new IsthmusError(code, "the platform failed");
      },
    };
    await assert.rejects(engine.ingest(source), { code });
    await assert.rejects(engine.refresh(source, [bucket.uri("1.txt")]), { code });
    assert.deepEqual(recorded.versions("recordFailure"), []);
    assert.deepEqual(recorded.versions("commit"), []);
    assert.ok(bucket.reads.length <= 2 * engine.pipeline.concurrency, `${bucket.reads.length} documents were started`);
  });
}

test("an error nobody foresaw is the document's, not the run's", async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = createBucket();
  bucket.put("a.txt", "alpha");
  bucket.put("b.txt", "alpha too");
  const source: typeof bucket.source = {
    ...bucket.source,
    read: (ref, signal) => {
      if (ref.uri.endsWith("a.txt")) throw new TypeError("x is not a function");
      return bucket.source.read(ref, signal);
    },
  };
  const { added, failed } = await engine.ingest(source);
  assert.deepEqual({ added, failed }, { added: 1, failed: 1 });
  assert.equal((await engine.entry(bucket.uri("a.txt"))).failure?.code, "internal");
});

for (const verdict of ["a document", "empty", "broken"] as const) {
  test(`the source's stream is closed after a parser that saw ${verdict} in its first piece`, async (context) => {
    const engine = await openBucketEngine(context, { registry: createHastyRegistry(verdict) });
    const bucket = createBucket();
    bucket.put("a.txt", ["alpha ".repeat(1000), "and ", "more"]);
    await engine.ingest(bucket.source);
    assert.equal(bucket.reads.length, 1);
    assert.equal(bucket.openReads, 0);
  });
}

test("the source's stream is closed after a foreign file, of which only the head was read", async (context) => {
  const skip = new IsthmusError("content_unsupported", "foreign");
  const registry = { fingerprint: "none", fingerprints: new Map(), select: () => ({ skip }) };
  const engine = await openBucketEngine(context, { registry });
  const bucket = createBucket();
  bucket.put("a.bin", ["x".repeat(5000), "more", "and more"]);
  assert.equal((await engine.ingest(bucket.source)).skipped, 1);
  assert.equal(bucket.openReads, 0);
});
