import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { createDesk, type Desk, deskFor } from "../support/cli.ts";
import { createJobDesk, readLog } from "../support/job.ts";

const { skip } = await fakeGcsBinary();

interface Answer {
  readonly consistent: boolean;
  readonly missing: number;
  readonly stale: number;
  readonly ghosts: number;
  readonly held: number;
  readonly written: number;
  readonly removed: number;
  readonly damaged: number;
  readonly orphaned: { readonly chunks: number };
}

const counts = ({ missing, stale, ghosts, held, damaged }: Answer) => ({ missing, stale, ghosts, held, damaged });
const nothing = { missing: 0, stale: 0, ghosts: 0, held: 0, damaged: 0 };

describe("reconciliation with a bucket", { skip }, () => {
  let gcs: FakeGcs;
  let desk: Desk;
  let buckets = 0;
  let bucket = "";
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());
  beforeEach(async () => {
    bucket = `reconcile-${++buckets}`;
    await gcs.createBucket(bucket);
    desk = createDesk({ STORAGE_EMULATOR_HOST: gcs.url });
  });
  afterEach(() => desk.clear());

  const fill = async (count: number) => {
    await Promise.all(Array.from({ length: count }, (_, at) => gcs.upload(bucket, `docs/${at}.txt`, `alpha ${at}`)));
  };

  test("what was missed and what is damaged is told, mended by one repair, and the second writes nothing", async () => {
    await fill(8);
    const place = `gs://${bucket}/docs/`;
    const none = await desk.run("reconcile", place);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /Nothing is indexed yet/);
    await desk.run("ingest", place);
    const sound = await desk.run("reconcile", place);
    assert.equal(sound.code, 0, sound.stderr);
    assert.match(sound.stdout, /^Compared 8 objects in gs.*\nThe index says what the source says\.$/m);

    await gcs.upload(bucket, "docs/0.txt", "alpha again");
    await gcs.upload(bucket, "docs/new.txt", "alpha new");
    await gcs.remove(bucket, "docs/1.txt");
    const index = new DatabaseSync(join(desk.folder, "data", "index.sqlite"));
    const lost = index.prepare("SELECT attempt FROM document WHERE uri LIKE '%/2.txt'").get()?.["attempt"] as number;
    index.prepare("DELETE FROM chunk WHERE attempt = ?").run(lost);
    index.close();
    const found = await desk.run("reconcile", place, "--json");
    assert.equal(found.code, 2, found.stderr);
    const told = found.json<Answer & { pending: number }>();
    assert.deepEqual([told.pending, told.ghosts, told.damaged, told.consistent], [2, 1, 1, false]);
    const mended = await desk.run("reconcile", place, "--repair", "--json");
    assert.equal(mended.code, 0, mended.stderr);
    const answer = mended.json<Answer>();
    assert.deepEqual(counts(answer), { missing: 2, stale: 1, ghosts: 1, held: 0, damaged: 1 });
    assert.deepEqual([answer.written, answer.removed], [3, 1]);
    const again = await desk.run("reconcile", place, "--repair", "--json");
    assert.deepEqual([again.code, counts(again.json<Answer>())], [0, nothing]);
    assert.deepEqual([again.json<Answer>().written, again.json<Answer>().removed], [0, 0]);
    const ingested = await desk.run("ingest", place, "--json");
    assert.equal(ingested.json<{ unchanged: number }>().unchanged, 8);
  });

  test("a mass delete is held, listed, dropped, held again, and allowed, after a look at each object", async () => {
    await fill(30);
    const place = `gs://${bucket}/docs/`;
    await desk.run("ingest", place);
    for (let at = 0; at < 25; at++) await gcs.remove(bucket, `docs/${at}.txt`);
    const refused = await desk.run("reconcile", place, "--repair");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /25 of 30 documents .* held\..*isthmus held allow/);
    assert.match(refused.stdout, /25 deletions held: isthmus held list/);
    assert.match((await desk.run("status")).stdout, /25 deletions held/);
    const listed = await desk.run("held", "list", place, "--json");
    const { held } = listed.json<{ held: { uri: string; scope: string; held_at: string }[] }>();
    assert.deepEqual([held.length, held[0]?.scope], [25, place]);
    assert.match((await desk.run("held", "list")).stdout, /^25 deletions held\.\n.*25 of 30.*\n.*0\.txt /);
    for (const [args, pattern] of [
      [["allow"], /Name what to allow/],
      [["drop", place, "--all"], /Name what to drop/],
      [["forget"], /list, allow, drop/],
    ] as const) {
      const { code, stderr } = await desk.run("held", ...args);
      assert.equal(code, 1);
      assert.match(stderr, pattern);
    }
    assert.match((await desk.run("held", "drop", "--all")).stdout, /Dropped 25 held deletions/);
    assert.match((await desk.run("held", "list")).stdout, /^0 deletions held/);
    await desk.run("reconcile", place, "--repair");
    await gcs.upload(bucket, "docs/3.txt", "alpha is back");
    const allowed = await desk.run("held", "allow", place, "--json");
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.deepEqual(allowed.json(), { removed: 24, kept: 1, unknown: [] });
    assert.match((await desk.run("held", "list")).stdout, /^0 deletions held/);
    const last = await desk.run("reconcile", place, "--repair", "--json");
    assert.deepEqual(counts(last.json<Answer>()), { ...nothing, stale: 1 });
    assert.equal((await desk.run("status", "--json")).json<{ documents: number }>().documents, 6);
  });

  test("the Job compares and repairs, and its last line says how it ended", async () => {
    await fill(3);
    const job = createJobDesk({ STORAGE_EMULATOR_HOST: gcs.url, GCS_BUCKET_NAME: bucket });
    try {
      const run = async (...args: string[]) => readLog(await job.start({}, ...args).ended);
      const missing = await run("reconcile");
      assert.deepEqual([missing.code, missing.last["reconciliation"]], [1, "failed"]);
      const repaired = await run("reconcile", "--repair");
      assert.equal(repaired.code, 0, repaired.text);
      assert.deepEqual(
        [repaired.last["reconciliation"], repaired.last["missing"], repaired.last["written"]],
        ["consistent", 3, 3],
      );
      await gcs.remove(bucket, "docs/0.txt");
      const differing = await run("reconcile");
      assert.deepEqual([differing.code, differing.last["reconciliation"]], [2, "inconsistent"]);
      assert.ok(
        differing.entries.some(({ difference, uri }) => difference === "ghost" && String(uri).endsWith("0.txt")),
      );
      const wrong = await run("reconcile", "--fix");
      assert.equal(wrong.code, 1);
      assert.match(wrong.last.message, /reconcile \[--repair\]/);
    } finally {
      await job.clear();
    }
  });
});

test("a folder is reconciled as well", async (context) => {
  const { write, run } = deskFor(context);
  write("a.txt", "alpha");
  write("b.txt", "beta");
  await run("ingest", "documents");
  write("a.txt", "alpha again");
  const found = await run("reconcile", "documents", "--json");
  assert.equal(found.code, 0, "just written: not an operator's matter yet");
  assert.equal(found.json<{ pending: number }>().pending, 1);
  assert.equal((await run("reconcile", "documents", "--repair", "--json")).json<Answer>().written, 1);
  assert.equal((await run("reconcile", "documents", "--json")).json<Answer>().consistent, true);
});
