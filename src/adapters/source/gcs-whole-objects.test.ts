import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Fault } from "../../../test/support/fault-proxy.ts";
import { seeded } from "../../../test/support/seeded.ts";
import { IsthmusError } from "../../core/errors.ts";
import { isMedia, large, suiteBehindFaults } from "./gcs-faults.testing.ts";
import { bytesOf, bytesRead, hasCode } from "./testing.ts";

await suiteBehindFaults((faultyBucket) => {
  test("one flipped bit is seen: by MD5, by CRC-32C where there is no other, in packed bytes too", async (context) => {
    const { gcs, bucket, source, upload, meet } = await faultyBucket(context);
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
    const onlyCrc = { "x-goog-hash": "crc32c=yZRlqg==" };
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

  test("an object overwritten or removed in the middle of a read is never mixed", async (context) => {
    const { gcs, bucket, source, upload, meet } = await faultyBucket(context);
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

  test("412, as the real service answers for another generation, is a change", async (context) => {
    const { proxy, source, upload, meet } = await faultyBucket(context);
    const ref = await upload();
    const reads = meet([{ kind: "status", status: 412 }]);
    await assert.rejects(bytesRead(source, ref), hasCode("source_changed"));
    assert.equal(reads(), 1);
    assert.match(proxy.requests.at(-1)?.url ?? "", new RegExp(`ifGenerationMatch=${ref.version}\\b`));
  });

  test("random faults: what is read is the object, or a clear error", async (context) => {
    const { proxy, upload, assertWhole } = await faultyBucket(context);
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
