import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { IsthmusError } from "../../src/core/errors.ts";
import type { Source } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";

/** More than a page, by a few. */
const documents = 510;
const name = (index: number) => `${String(index).padStart(4, "0")}.txt`;

function fullBucket() {
  const bucket = createBucket();
  for (let index = 0; index < documents; index++) bucket.put(name(index), `alpha ${index}`);
  return bucket;
}

/** A source where one document's bytes come only when `until` has resolved. */
function holding(source: Source, held: string, until: Promise<void>, begun: (uri: string) => void): Source {
  return {
    ...source,
    async *read(ref, signal) {
      begun(ref.uri);
      if (ref.uri.endsWith(held)) await until;
      yield* source.read(ref, signal);
    },
  };
}

test("a slow document does not keep the next page waiting", { timeout: 120_000 }, async (context) => {
  const engine = await openBucketEngine(context);
  const bucket = fullBucket();
  let release = () => {};
  const later = new Promise<void>((resolve) => {
    release = resolve;
  });
  const source = holding(bucket.source, name(499), later, (uri) => {
    if (uri.endsWith(name(505))) release();
  });
  assert.equal((await engine.ingest(source)).added, documents);
});

test("when the next page cannot be looked up, the run ends once nothing is in hand", async (context) => {
  const unavailable = new IsthmusError("store_unavailable", "The store is away.");
  const bucket = fullBucket();
  let release = () => {};
  const later = new Promise<void>((resolve) => {
    release = resolve;
  });
  const engine = await openBucketEngine(context, {
    wrapWriter: (writer) => ({
      ...writer,
      async entries(uris) {
        // Each commit looks its own document up, and the first of a long listing are looked at ahead; this is the second page.
        if (uris.length > 1 && uris.some((uri) => uri.endsWith(name(500)))) {
          setImmediate().then(release);
          throw unavailable;
        }
        return await writer.entries(uris);
      },
    }),
  });
  const begun: string[] = [];
  const source = holding(bucket.source, name(499), later, (uri) => begun.push(uri));
  await assert.rejects(engine.ingest(source), unavailable);
  assert.equal(bucket.openReads, 0);
  assert.equal((await engine.entry(bucket.uri(name(499)))).current?.state, "indexed");
  assert.ok(!begun.some((uri) => uri.endsWith(name(500))));
});
