import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import type { Source } from "../../src/core/ports.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";

/** The first `damaged` reads give other bytes than the object has, which shows after the last one. */
function withDamage(source: Source, damaged: number, bytes: Uint8Array): Source & { readonly reads: number } {
  let reads = 0;
  return {
    ...source,
    get reads() {
      return reads;
    },
    async *read(ref, signal) {
      reads++;
      if (reads > damaged) return yield* source.read(ref, signal);
      yield bytes;
      throw new IsthmusError("source_changed", "the checksum is another");
    },
  };
}

const damages = {
  "another text": new TextEncoder().encode("omega"),
  "no text at all": new Uint8Array([0x61, 0xff, 0xfe, 0x62]),
  // Judged by its head alone, long before its end.
  "what no text begins with": new Uint8Array(10_000),
  nothing: new Uint8Array(),
};

for (const [name, bytes] of Object.entries(damages)) {
  test(`an object that arrives damaged (${name}) is read again, and the damage leaves no trace`, async (context) => {
    const engine = await openBucketEngine(context);
    const bucket = createBucket();
    bucket.put("a.txt", "alpha");
    const { added, failed, empty } = await engine.ingest(withDamage(bucket.source, 2, bytes));
    assert.deepEqual({ added, failed, empty }, { added: 1, failed: 0, empty: 0 });
    assert.deepEqual(await engine.found("alpha"), ["alpha"]);
    assert.deepEqual(await engine.found("omega"), []);
  });

  test(`an object that always arrives damaged (${name}) is recorded as such, and tried in every run`, async (context) => {
    const engine = await openBucketEngine(context);
    const bucket = createBucket();
    bucket.put("a.txt", "alpha");
    const source = withDamage(bucket.source, Number.POSITIVE_INFINITY, bytes);
    for (let run = 1; run <= 4; run++) {
      assert.equal((await engine.ingest(source)).failed, 1);
      assert.equal(source.reads, run * 4);
      const { failure } = await engine.entry(bucket.uri("a.txt"));
      assert.deepEqual([failure?.code, failure?.attempts], ["source_changed", 0]);
    }
    assert.equal((await engine.ingest(bucket.source)).added, 1);
  });
}
