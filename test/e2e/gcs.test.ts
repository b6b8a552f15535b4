import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { createDesk, type Desk } from "../support/cli.ts";

const { skip } = await fakeGcsBinary();

describe("the command line on a bucket", { skip }, () => {
  let gcs: FakeGcs;
  let desk: Desk;
  let buckets = 0;
  let bucket = "";
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());
  beforeEach(async () => {
    bucket = `cli-${++buckets}`;
    await gcs.createBucket(bucket);
    desk = createDesk({ STORAGE_EMULATOR_HOST: gcs.url });
  });
  afterEach(() => desk.clear());

  test("ingests, asks, tells and deletes, by a folder, an object or the whole bucket", async () => {
    await gcs.upload(bucket, "docs/50% off?.txt", "alpha discount");
    await gcs.upload(bucket, "docs/b.txt", "alpha beta");
    await gcs.upload(bucket, "docs-old/c.txt", "alpha old");
    const folder = await desk.run("ingest", `gs://${bucket}/docs/`, "--json");
    assert.equal(folder.code, 0, folder.stderr);
    assert.equal(folder.json<{ added: number }>().added, 2);
    const whole = await desk.run("ingest", `gs://${bucket}`, "--json");
    const { added, unchanged, removed } = whole.json<{ added: number; unchanged: number; removed: number }>();
    assert.deepEqual({ added, unchanged, removed }, { added: 1, unchanged: 2, removed: 0 });
    const asked = await desk.run(
      "query",
      "discount",
      "--mode",
      "keyword",
      "--prefix",
      `gs://${bucket}/docs/`,
      "--json",
    );
    const { results } = asked.json<{ results: { source: { uri: string; title: string } }[] }>();
    assert.deepEqual(
      results.map(({ source }) => [source.uri, source.title]),
      [[`gs://${bucket}/docs/50% off?.txt`, "50% off?"]],
    );
    const told = await desk.run("status", `gs://${bucket}/docs/`, "--json");
    assert.equal(told.code, 0, told.stderr);
    assert.equal(told.json<{ documents: number }>().documents, 2);
    const deleted = await desk.run("delete", `gs://${bucket}/docs/50% off?.txt`, "--json");
    assert.deepEqual(
      deleted.json<{ removed: { removed: number }[] }>().removed.map((item) => item.removed),
      [1],
    );
    const all = await desk.run("delete", `gs://${bucket}`, "--json");
    assert.deepEqual(
      all.json<{ removed: { removed: number }[] }>().removed.map((item) => item.removed),
      [2],
    );
  });

  test("what cannot be read says so, and the other places go on", async () => {
    await gcs.upload(bucket, "a.txt", "alpha");
    const run = await desk.run("ingest", "gs://no-such-bucket", `gs://${bucket}`, "--json");
    assert.equal(run.code, 2);
    assert.match(run.stderr, /no bucket no-such-bucket/);
    assert.equal(run.json<{ added: number }>().added, 1);
    const foreign = await desk.run("ingest", "s3://bucket");
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /s3:\/\/ is no source/);
  });

  test("a bucket is watched by its subscription; without one, or with two buckets, --watch says so before it begins", async () => {
    const run = await desk.run("start", `gs://${bucket}`, "--watch");
    assert.equal(run.code, 1);
    assert.match(run.stderr, /ISTHMUS_SUBSCRIPTION is not set; gs:\/\/cli-\d+ is watched by the Pub\/Sub subscription/);
    const two = await desk.run("start", "gs://one", "gs://two/docs/", "--watch");
    assert.equal(two.code, 1);
    assert.match(two.stderr, /gs:\/\/one and gs:\/\/two\/docs\/ cannot be watched by one command/);
  });
});
