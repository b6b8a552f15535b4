import assert from "node:assert/strict";
import { after, before, describe, type TestContext } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../../../test/peers/fake-gcs.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../../test/support/fault-proxy.ts";
import type { Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { createGcsSource, type GcsSourceOptions } from "./gcs.ts";
import { bytesRead, listed } from "./testing.ts";

/** Blocks that differ everywhere. */
export const large = new Uint8Array(3 * 2 ** 20).map((_, at) => (at * 31 + (at >> 11)) & 0xff);

export const isMedia = (url: string) => url.includes("alt=media");

/** A bucket of a test's own, and a source that reaches it through a proxy, on which things go wrong. */
export interface FaultyBucket {
  /** The server itself: nothing goes wrong there. */
  readonly gcs: FakeGcs;
  readonly bucket: string;
  readonly proxy: FaultProxy;
  readonly source: Source;
  /** Another source of the bucket, for the test to close. */
  open(options?: GcsSourceOptions): Promise<Source>;
  /** Makes `bytes`, or `large`, the bucket's object. */
  upload(bytes?: Uint8Array | string): Promise<ObjectRef>;
  /** Reads the object, which is `large`, and sees that nothing else is given. */
  assertWhole(ref: ObjectRef, from?: Source): Promise<void>;
  /** The first requests that match meet the faults, one each; the number of requests that match is returned. */
  meet(faults: readonly Fault[], matches?: (url: string) => boolean): () => number;
}

/** A suite with a bucket server of its own, started before and stopped after; skipped, with the reason, without one. */
export async function suiteBehindFaults(
  define: (faultyBucket: (context: TestContext) => Promise<FaultyBucket>) => void,
): Promise<void> {
  const { skip } = await fakeGcsBinary();
  describe("a bucket behind a network that fails", { skip }, () => {
    let gcs: FakeGcs;
    let buckets = 0;
    before(async () => {
      gcs = await startFakeGcs();
    });
    after(() => gcs.stop());
    define((context) => faultyBucket(context, gcs, `faults-${++buckets}`));
  });
}

async function faultyBucket(context: TestContext, gcs: FakeGcs, bucket: string): Promise<FaultyBucket> {
  await gcs.createBucket(bucket);
  const proxy = await startFaultProxy(gcs.url);
  const open = (options: GcsSourceOptions = {}) =>
    createGcsSource(`gs://${bucket}`, { emulator: proxy.url, retry: { baseMs: 1, maxMs: 1 }, ...options });
  const source = await open();
  context.after(async () => {
    await source.close();
    await proxy.close();
  });
  return {
    gcs,
    bucket,
    proxy,
    source,
    open,
    async upload(bytes = large) {
      await gcs.upload(bucket, "a.bin", bytes);
      const [ref] = await listed(source);
      assert.ok(ref);
      return ref;
    },
    async assertWhole(ref, from = source) {
      assert.ok(Buffer.from(large).equals(await bytesRead(from, ref)), "other bytes than the object's were given");
    },
    meet(faults, matches = isMedia) {
      let met = 0;
      proxy.choose((url) => (matches(url) ? faults[met++] : undefined));
      return () => met;
    },
  };
}
