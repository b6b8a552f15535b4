import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../../../test/peers/fake-gcs.ts";
import { createGcsSource } from "./gcs.ts";
import { sourceContract } from "./source.contract.ts";
import { bytesOf, bytesRead, hasCode, listed } from "./testing.ts";

const { skip } = await fakeGcsBinary();

describe("a bucket of Google Cloud Storage", { skip }, () => {
  let gcs: FakeGcs;
  let buckets = 0;
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());

  async function createBucket(): Promise<string> {
    const bucket = `bucket-${++buckets}`;
    await gcs.createBucket(bucket);
    return bucket;
  }
  const open = (location: string) => createGcsSource(location, { emulator: gcs.url });

  sourceContract("a prefix of a bucket", async () => {
    const bucket = await createBucket();
    const source = await open(`gs://${bucket}/docs/`);
    return {
      source,
      write: async (name, bytes) => void (await gcs.upload(bucket, `docs/${name}`, bytes)),
      remove: (name) => gcs.remove(bucket, `docs/${name}`),
      uri: (name) => `gs://${bucket}/docs/${name}`,
      writeBeside: async (name, bytes) => void (await gcs.upload(bucket, `docs-old/${name}`, bytes)),
      uriBeside: (name) => `gs://${bucket}/docs-old/${name}`,
      close: () => source.close(),
    };
  });

  test("the generation is version and order, the type is the object's own", async () => {
    const bucket = await createBucket();
    const generation = await gcs.upload(bucket, "a.md", "# One", { contentType: "text/markdown" });
    const [ref] = await listed(await open(`gs://${bucket}`));
    assert.equal(ref?.uri, `gs://${bucket}/a.md`);
    assert.equal(ref?.version, generation);
    assert.equal(String(ref?.generation), generation);
    assert.equal(ref?.contentType, "text/markdown");
  });

  test("a whole bucket, however it is written; and one object alone", async () => {
    const bucket = await createBucket();
    await gcs.upload(bucket, "a.txt", "a");
    await gcs.upload(bucket, "a.txt.old", "not meant");
    for (const location of [`gs://${bucket}`, `gs://${bucket}/`, `GS://${bucket}`]) {
      const source = await open(location);
      assert.equal(source.scope, `gs://${bucket}/`);
      assert.equal((await listed(source)).length, 2);
    }
    const source = await open(`gs://${bucket}/a.txt`);
    assert.equal(source.scope, `gs://${bucket}/a.txt`);
    assert.deepEqual(
      (await listed(source)).map((ref) => ref.uri),
      [source.scope],
    );
    assert.equal(await source.head(`gs://${bucket}/a.txt.old`), undefined);
  });

  test("more objects than one page holds are all listed", async () => {
    const bucket = await createBucket();
    const names = Array.from({ length: 2100 }, (_, index) => `${index}.txt`);
    await Promise.all(names.map((name) => gcs.upload(bucket, name, name)));
    const refs = await listed(await open(`gs://${bucket}`));
    assert.deepEqual(refs.map((ref) => ref.uri).sort(), names.map((name) => `gs://${bucket}/${name}`).sort());
  });

  test("names hold any character, and stand in the URI as they are", async () => {
    const bucket = await createBucket();
    const names = [
      "a?b=c&d.txt",
      "50%.txt",
      "%41.txt",
      "a#b.txt",
      "a\nb.txt",
      "a//b.txt",
      "../up.txt",
      " ",
      "ä+ö.txt",
      "'\"<>.txt",
    ];
    for (const name of names) await gcs.upload(bucket, name, `text of ${name}`);
    const source = await open(`gs://${bucket}`);
    const refs = await listed(source);
    assert.deepEqual(refs.map((ref) => ref.uri).sort(), names.map((name) => `gs://${bucket}/${name}`).sort());
    for (const name of names) {
      const ref = await source.head(`gs://${bucket}/${name}`);
      assert.ok(ref, name);
      assert.deepEqual(await bytesRead(source, ref), bytesOf(`text of ${name}`));
    }
  });

  test("the empty objects that mark folders are left out; other names that end in a slash are not", async () => {
    const bucket = await createBucket();
    await gcs.upload(bucket, "docs/", "");
    await gcs.upload(bucket, "docs/a.txt", "a");
    await gcs.upload(bucket, "docs/odd/", "text");
    const source = await open(`gs://${bucket}/docs/`);
    assert.deepEqual((await listed(source)).map((ref) => ref.uri).sort(), [
      `gs://${bucket}/docs/a.txt`,
      `gs://${bucket}/docs/odd/`,
    ]);
    assert.equal(await source.head(`gs://${bucket}/docs/`), undefined);
  });

  test("what is stored as gzip is given unpacked, its size stays that of the stored bytes", async () => {
    const bucket = await createBucket();
    const text = "Isthmus. ".repeat(200_000);
    const packed = gzipSync(text);
    await gcs.upload(bucket, "a.txt", packed, { contentType: "text/plain", contentEncoding: "gzip" });
    const source = await open(`gs://${bucket}`);
    const [ref] = await listed(source);
    assert.ok(ref);
    assert.equal(ref.size, packed.length);
    assert.equal(Buffer.from(await bytesRead(source, ref)).toString(), text);
  });

  test("bytes that are only marked as gzip, or cut short, are told as such", async () => {
    const bucket = await createBucket();
    const metadata = { contentType: "text/plain", contentEncoding: "gzip" };
    await gcs.upload(bucket, "plain.txt", "not packed at all", metadata);
    await gcs.upload(bucket, "cut.txt", gzipSync("cut short".repeat(1000)).subarray(0, 40), metadata);
    const source = await open(`gs://${bucket}`);
    for (const ref of await listed(source)) {
      await assert.rejects(bytesRead(source, ref), hasCode("content_encoding"), ref.uri);
    }
  });

  test("what is not there is told before anything is read, with the way out", async () => {
    const bucket = await createBucket();
    await gcs.upload(bucket, "docs/a.txt", "a");
    await assert.rejects(open("gs://no-such-bucket"), hasCode("source_not_found"));
    await assert.rejects(open(`gs://${bucket}/none.txt`), { code: "source_not_found", message: /check its name/ });
    await assert.rejects(open(`gs://${bucket}/docs`), { code: "source_not_found", message: /docs\/"/ });
    for (const nonsense of ["gs://", "gs:///a", "gs://A_B!/x"]) {
      await assert.rejects(open(nonsense), hasCode("config_invalid"), nonsense);
    }
  });

  test("a bucket that is gone is not taken for one whose objects are gone", async () => {
    const bucket = await createBucket();
    await gcs.upload(bucket, "a.txt", "a");
    const source = await open(`gs://${bucket}`);
    await gcs.remove(bucket, "a.txt");
    assert.equal(await source.head(`gs://${bucket}/a.txt`), undefined);
    await gcs.removeBucket(bucket);
    await assert.rejects(source.head(`gs://${bucket}/a.txt`), hasCode("source_not_found"));
    await assert.rejects(listed(source), hasCode("source_not_found"));
  });
});
