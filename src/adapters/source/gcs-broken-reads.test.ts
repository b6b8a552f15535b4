import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isMedia, large, suiteBehindFaults } from "./gcs-faults.testing.ts";
import { bytesRead, hasCode, listed } from "./testing.ts";

await suiteBehindFaults((faultyBucket) => {
  test("a broken connection is followed by one that goes on where it broke", async (context) => {
    const { proxy, upload, assertWhole, meet } = await faultyBucket(context);
    const ref = await upload();
    meet([
      { kind: "reset", after: -1 },
      { kind: "reset", after: 1_000_000 },
      { kind: "reset", after: 1_000_000 },
    ]);
    await assertWhole(ref);
    const ranges = proxy.requests.filter(({ url }) => isMedia(url)).map(({ headers }) => headers.range);
    assert.deepEqual(ranges.slice(0, 2), [undefined, undefined]);
    assert.equal(ranges.length, 4);
    for (const range of ranges.slice(2)) assert.match(range ?? "", /^bytes=\d+-$/);
  });

  test("a body that ends too early in good order is no whole object", async (context) => {
    const { proxy, source, upload, assertWhole, meet } = await faultyBucket(context);
    const ref = await upload();
    meet([{ kind: "short", after: 1_000_000 }]);
    await assertWhole(ref);
    proxy.choose((url) => (isMedia(url) ? { kind: "short", after: 0 } : undefined));
    await assert.rejects(bytesRead(source, ref), { code: "source_unavailable", message: /0 of 3145728 bytes/ });
  });

  test("a server that begins anew where it should go on is asked again", async (context) => {
    const { upload, assertWhole, meet } = await faultyBucket(context);
    const ref = await upload();
    const reads = meet([{ kind: "reset", after: 1_000_000 }, { kind: "whole" }]);
    await assertWhole(ref);
    assert.equal(reads(), 3);
  });

  test("a body that does not end is given up at the object's size", async (context) => {
    const { source, upload, meet } = await faultyBucket(context);
    const ref = await upload();
    meet([{ kind: "longer", by: 100_000 }]);
    await assert.rejects(bytesRead(source, ref), { code: "source_changed", message: /longer than the 3145728 bytes/ });
  });

  test("many broken connections do not end a read that goes on", async (context) => {
    const { upload, assertWhole, meet } = await faultyBucket(context);
    const ref = await upload();
    meet(Array.from({ length: 20 }, () => ({ kind: "reset", after: 100_000 }) as const));
    await assertWhole(ref);
  });

  test("a server that falls silent, before its answer or in the middle of it, is given up and asked again", async (context) => {
    const { open, upload, assertWhole, meet } = await faultyBucket(context);
    const ref = await upload();
    // Longer than a busy machine is silent by itself.
    const impatient = await open({ silenceMs: 2000 });
    const never = Promise.withResolvers<void>();
    const until = () => never.promise;
    const reads = meet([
      { kind: "hold", until },
      { kind: "pause", after: 1_000_000, until },
    ]);
    await assertWhole(ref, impatient);
    const before = reads();
    assert.ok(before >= 3, `${before} reads`);
    // A reader that takes its time is no silence of the server's.
    const pieces = impatient.read(ref)[Symbol.asyncIterator]();
    let size = 0;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      if (size === 0) await sleep(2500);
      size += next.value.length;
    }
    assert.equal(size, large.length);
    assert.equal(reads(), before + 1);
    never.resolve();
    await impatient.close();
  });

  test("the signal ends a wait for another try, and a body that has fallen silent", async (context) => {
    const { proxy, source, upload } = await faultyBucket(context);
    const ref = await upload();
    const waiting = new AbortController();
    proxy.choose(() => {
      setImmediate(() => waiting.abort());
      return { kind: "status", status: 503, headers: { "retry-after": "30" } };
    });
    await assert.rejects(listed({ ...source, list: () => source.list(waiting.signal) }), hasCode("cancelled"));
    const silent = new AbortController();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.choose((url) =>
      isMedia(url)
        ? {
            kind: "pause",
            after: 100_000,
            until: async () => {
              silent.abort();
              await held;
            },
          }
        : undefined,
    );
    await assert.rejects(bytesRead({ read: (each) => source.read(each, silent.signal) }, ref), hasCode("cancelled"));
    release();
  });
});
