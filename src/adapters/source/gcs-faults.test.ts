import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../../../test/peers/fake-gcs.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../../test/support/fault-proxy.ts";
import { seeded } from "../../../test/support/seeded.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { createGcsSource } from "./gcs.ts";
import { bytesOf, bytesRead, hasCode, listed } from "./testing.ts";

const { skip } = await fakeGcsBinary();
const isMedia = (url: string) => url.includes("alt=media");
/** Blocks that differ everywhere. */
const large = new Uint8Array(3 * 2 ** 20).map((_, at) => (at * 31 + (at >> 11)) & 0xff);

describe("a bucket behind a network that fails", { skip }, () => {
  let gcs: FakeGcs;
  let proxy: FaultProxy;
  let source: Source;
  let bucket = "";
  let buckets = 0;
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());
  beforeEach(async () => {
    bucket = `faults-${++buckets}`;
    await gcs.createBucket(bucket);
    proxy = await startFaultProxy(gcs.url);
    source = await open();
  });
  afterEach(async () => {
    await source.close();
    await proxy.close();
  });

  const open = (options = {}) =>
    createGcsSource(`gs://${bucket}`, { emulator: proxy.url, retry: { baseMs: 1, maxMs: 1 }, ...options });
  async function upload(bytes: Uint8Array | string = large): Promise<ObjectRef> {
    await gcs.upload(bucket, "a.bin", bytes);
    const [ref] = await listed(source);
    assert.ok(ref);
    return ref;
  }
  async function assertWhole(ref: ObjectRef, from: Source = source): Promise<void> {
    assert.ok(Buffer.from(large).equals(await bytesRead(from, ref)), "other bytes than the object's were given");
  }
  /** The first requests that match meet the faults, one each; the number of requests that match is returned. */
  function meet(faults: readonly Fault[], matches: (url: string) => boolean = isMedia): () => number {
    let met = 0;
    proxy.choose((url) => (matches(url) ? faults[met++] : undefined));
    return () => met;
  }

  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    test(`${status} is tried again, for listings and for reads`, async () => {
      const ref = await upload();
      const listings = meet(
        [
          { kind: "status", status },
          { kind: "status", status },
        ],
        (url) => url.includes("prefix="),
      );
      assert.deepEqual(await listed(source), [ref]);
      assert.equal(listings(), 3);
      const reads = meet([
        { kind: "status", status },
        { kind: "status", status },
      ]);
      await assertWhole(ref);
      assert.equal(reads(), 3);
    });
  }

  test("403 for too many requests is tried again, another 403 is not and names the role", async () => {
    const ref = await upload();
    const body = (reason: string) =>
      JSON.stringify({ error: { code: 403, message: "no", errors: [{ reason, message: "no" }] } });
    const limited = meet([{ kind: "status", status: 403, body: body("rateLimitExceeded") }]);
    await bytesRead(source, ref);
    assert.equal(limited(), 2);
    const denied = meet([{ kind: "status", status: 403, body: body("forbidden") }]);
    await assert.rejects(bytesRead(source, ref), {
      code: "source_unreadable",
      message: /roles\/storage\.objectViewer/,
    });
    assert.equal(denied(), 1);
  });

  test("a bucket whose readers pay names the variable, and the project is sent with every request", async () => {
    const ref = await upload("text");
    const message = "Bucket is a requester pays bucket but no user project provided.";
    const body = JSON.stringify({ error: { code: 400, message, errors: [{ reason: "required", message }] } });
    meet([{ kind: "status", status: 400, body }]);
    await assert.rejects(bytesRead(source, ref), { code: "source_unreadable", message: /ISTHMUS_GCS_USER_PROJECT/ });
    const before = proxy.requests.length;
    const paying = await open({ userProject: "billed" });
    await bytesRead(paying, ref);
    await listed(paying);
    await paying.head(ref.uri);
    const asked = proxy.requests.slice(before);
    assert.ok(asked.length >= 4);
    assert.deepEqual(
      asked.filter(({ url }) => !url.includes("userProject=billed")),
      [],
    );
    await paying.close();
  });

  test("Retry-After is handed on to whoever waits", async () => {
    await upload("text");
    const once = await open({ retry: { attempts: 1 } });
    meet([{ kind: "status", status: 429, headers: { "retry-after": "7" } }], () => true);
    await assert.rejects(listed(once), { code: "source_unavailable", retryAfterMs: 7000 });
    await once.close();
  });

  test("a server that never recovers is given up, clearly", async () => {
    const ref = await upload();
    const tries = meet(Array.from({ length: 100 }, () => ({ kind: "status", status: 503 }) as const));
    await assert.rejects(bytesRead(source, ref), { code: "source_unavailable", message: /503/ });
    assert.equal(tries(), 5);
    proxy.choose(() => ({ kind: "reset", after: -1 }));
    await assert.rejects(listed(source), { code: "source_unavailable", message: /ECONNRESET/ });
    await assert.rejects(source.head(ref.uri), hasCode("source_unavailable"));
  });

  test("a page of a proxy instead of JSON is no listing", async () => {
    await upload();
    proxy.choose(() => ({ kind: "status", status: 200, body: "<html>Welcome</html>" }));
    await assert.rejects(listed(source), { code: "source_unavailable", message: /JSON/ });
  });

  test("a broken connection is followed by one that goes on where it broke", async () => {
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

  test("a body that ends too early in good order is no whole object", async () => {
    const ref = await upload();
    meet([{ kind: "short", after: 1_000_000 }]);
    await assertWhole(ref);
    proxy.choose((url) => (isMedia(url) ? { kind: "short", after: 0 } : undefined));
    await assert.rejects(bytesRead(source, ref), { code: "source_unavailable", message: /0 of 3145728 bytes/ });
  });

  test("a server that begins anew where it should go on is asked again", async () => {
    const ref = await upload();
    const reads = meet([{ kind: "reset", after: 1_000_000 }, { kind: "whole" }]);
    await assertWhole(ref);
    assert.equal(reads(), 3);
  });

  test("a body that does not end is given up at the object's size", async () => {
    const ref = await upload();
    meet([{ kind: "longer", by: 100_000 }]);
    await assert.rejects(bytesRead(source, ref), { code: "source_changed", message: /longer than the 3145728 bytes/ });
  });

  test("many broken connections do not end a read that goes on", async () => {
    const ref = await upload();
    meet(Array.from({ length: 20 }, () => ({ kind: "reset", after: 100_000 }) as const));
    await assertWhole(ref);
  });

  test("a server that falls silent, before its answer or in the middle of it, is given up and asked again", async () => {
    const ref = await upload();
    const impatient = await open({ silenceMs: 100 });
    const never = Promise.withResolvers<void>();
    const until = () => never.promise;
    const reads = meet([
      { kind: "hold", until },
      { kind: "pause", after: 1_000_000, until },
    ]);
    await assertWhole(ref, impatient);
    assert.equal(reads(), 3);
    // A reader that takes its time is no silence of the server's.
    const pieces = impatient.read(ref)[Symbol.asyncIterator]();
    let size = 0;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      if (size === 0) await sleep(300);
      size += next.value.length;
    }
    assert.equal(size, large.length);
    assert.equal(reads(), 4);
    never.resolve();
    await impatient.close();
  });

  const onlyCrc = { "x-goog-hash": "crc32c=yZRlqg==" };
  test("one flipped bit is seen: by MD5, by CRC-32C where there is no other, in packed bytes too", async () => {
    const ref = await upload();
    for (const at of [0, 1_500_000, large.length - 1]) {
      meet([{ kind: "flip", at }]);
      await assert.rejects(bytesRead(source, ref), { code: "source_changed", message: /md5/ });
    }
    await gcs.upload(bucket, "e3069283.txt", "123456789");
    const small = await source.head(`gs://${bucket}/e3069283.txt`);
    assert.ok(small);
    // CRC-32C of "123456789" is e3069283: https://reveng.sourceforge.io/crc-catalogue/all.htm
    const right = { "x-goog-hash": `crc32c=${Buffer.from("e3069283", "hex").toString("base64")}` };
    meet([{ kind: "headers", headers: right }]);
    assert.deepEqual(await bytesRead(source, small), bytesOf("123456789"));
    meet([{ kind: "headers", headers: onlyCrc }]);
    await assert.rejects(bytesRead(source, small), { code: "source_changed", message: /crc32c/ });
    meet([{ kind: "headers", headers: { "x-goog-hash": undefined } }]);
    await assert.rejects(bytesRead(source, small), { code: "source_changed", message: /without a checksum/ });
    const metadata = { contentType: "text/plain", contentEncoding: "gzip" };
    const noise = randomBytes(2 ** 20); // Packs to as many bytes, so that a flaw shows long before the end.
    await gcs.upload(bucket, "packed.txt", gzipSync(noise), metadata);
    const packed = await source.head(`gs://${bucket}/packed.txt`);
    assert.ok(packed);
    for (const at of [0, 5, 500, packed.size - 1]) {
      meet([{ kind: "flip", at }]);
      await assert.rejects(bytesRead(source, packed), hasCode("source_changed"), `byte ${at}`);
    }
    meet([{ kind: "reset", after: 300 }]);
    assert.ok(noise.equals(await bytesRead(source, packed)));
  });

  test("an object overwritten or removed in the middle of a read is never mixed", async () => {
    for (const change of ["overwritten", "removed"]) {
      const ref = await upload();
      const inverted = large.map((byte) => byte ^ 0xff);
      const first = async () => {
        if (change === "removed") await gcs.remove(bucket, "a.bin");
        else await gcs.upload(bucket, "a.bin", inverted);
      };
      // Broken after the change, so that the rest has to be asked for.
      const reads = meet([{ kind: "reset", after: 1_000_000, first }]);
      await assert.rejects(bytesRead(source, ref), hasCode("source_changed"), change);
      assert.equal(reads(), 2);
    }
  });

  test("412, as the real service answers for another generation, is a change", async () => {
    const ref = await upload();
    const reads = meet([{ kind: "status", status: 412 }]);
    await assert.rejects(bytesRead(source, ref), hasCode("source_changed"));
    assert.equal(reads(), 1);
    assert.match(proxy.requests.at(-1)?.url ?? "", new RegExp(`ifGenerationMatch=${ref.version}\\b`));
  });

  test("the signal ends a wait for another try, and a body that has fallen silent", async () => {
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

  test("random faults: what is read is the object, or a clear error", async (context) => {
    const random = seeded(context);
    const ref = await upload();
    let whole = 0;
    for (let round = 0; round < 60; round++) {
      proxy.choose((url) => (isMedia(url) && random() < 0.6 ? randomFault(random) : undefined));
      try {
        await assertWhole(ref);
        whole++;
      } catch (error) {
        assert.ok(error instanceof IsthmusError, `${error}`);
        assert.match(error.code, /^source_(changed|unavailable)$/);
      }
    }
    context.diagnostic(`${whole} of 60 reads came through`);
    assert.ok(whole > 0);
  });
});

function randomFault(random: () => number): Fault {
  const at = Math.floor(random() * large.length);
  const faults: readonly Fault[] = [
    { kind: "status", status: [429, 500, 503][Math.floor(random() * 3)] ?? 500 },
    { kind: "reset", after: at },
    { kind: "reset", after: -1 },
    { kind: "short", after: at },
    { kind: "flip", at },
  ];
  return faults[Math.floor(random() * faults.length)] ?? { kind: "reset", after: -1 };
}
