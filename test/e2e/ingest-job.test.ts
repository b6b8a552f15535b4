import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { createDesk } from "../support/cli.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { createJobDesk, type JobDesk, type JobRun, readLog } from "../support/job.ts";

const { skip } = await fakeGcsBinary();
const isMedia = (url: string, name: string) => url.includes("alt=media") && url.includes(`/o/${name}?`);

describe("the ingestion Job on a bucket", { skip }, () => {
  let gcs: FakeGcs;
  let proxy: FaultProxy;
  let job: JobDesk;
  let bucket = "";
  let buckets = 0;
  before(async () => {
    gcs = await startFakeGcs();
  });
  after(() => gcs.stop());
  beforeEach(async () => {
    bucket = `job-${++buckets}`;
    await gcs.createBucket(bucket);
    proxy = await startFaultProxy(gcs.url);
    job = createJobDesk({ STORAGE_EMULATOR_HOST: proxy.url, GCS_BUCKET_NAME: bucket });
  });
  afterEach(async () => {
    await job.clear();
    await proxy.close();
  });

  const upload = (name: string, text: string | Uint8Array) => gcs.upload(bucket, name, text);

  /** What the index finds for the word, as `uri: content`. */
  async function found(word: string): Promise<string[]> {
    const desk = createDesk({ ISTHMUS_DATA_DIR: `${job.folder}/data` });
    try {
      const run = await desk.run("query", word, "--mode", "keyword", "--k", "50", "--json");
      assert.equal(run.code, 0, run.stderr);
      const { results } = run.json<{ results: { content: string; source: { uri: string } }[] }>();
      return results.map(({ content, source }) => `${source.uri.slice(`gs://${bucket}/`.length)}: ${content}`).sort();
    } finally {
      await desk.clear();
    }
  }

  test("a first run, one that finds nothing new, and one after a change and a removal", async () => {
    await upload("docs/a.txt", "alpha one");
    await upload("docs/b.md", "# Beta\n\nalpha two");
    await upload("docs/", "");
    await upload("other.txt", "alpha elsewhere");
    const first = await job.run({ SOURCE_BLOB_NAME: "docs/" });
    assert.equal(first.code, 0, first.text);
    assert.match(first.entries[0]?.message ?? "", new RegExp(`gs://${bucket}/docs/`));
    const { added, changed, removed, unchanged, chunks, exit_code } = first.last;
    assert.deepEqual([added, changed, removed, unchanged, chunks, exit_code], [2, 0, 0, 0, 2, 0]);
    assert.equal(first.last.severity, "INFO");
    const reads = proxy.requests.length;
    const second = await job.run({ SOURCE_BLOB_NAME: "docs/" });
    assert.deepEqual([second.code, second.last["unchanged"]], [0, 2]);
    assert.ok(
      proxy.requests.slice(reads).every(({ url }) => !url.includes("alt=media")),
      "nothing is read again",
    );
    await upload("docs/a.txt", "alpha three");
    await gcs.remove(bucket, "docs/b.md");
    const third = await job.run({ SOURCE_BLOB_NAME: "docs/" });
    assert.deepEqual([third.code, third.last["changed"], third.last["removed"]], [0, 1, 1]);
    assert.deepEqual(await found("alpha"), ["docs/a.txt: alpha three"]);
  });

  test("lines of one object are documents of their own", async () => {
    await upload("all.txt", "alpha one\n\nalpha two\n");
    const run = await job.run({ SOURCE_BLOB_NAME: "all.txt", DOCUMENT_FORMAT: "lines" });
    assert.deepEqual([run.code, run.last["added"], run.last["chunks"]], [0, 1, 2]);
    assert.equal((await found("alpha")).length, 2);
  });

  test("a bad document is named, costs nothing but itself, and gives 2; no text of it is logged", async () => {
    await upload("good.txt", "alpha good");
    await upload("bad.pdf", Buffer.from("%PDF-1.7 canary of the bad one"));
    await upload("bad.jsonl", '{"text":"alpha record"}\n{"text": canary of the record}\n');
    const run = await job.run();
    assert.equal(run.code, 2, run.text);
    assert.deepEqual([run.last["failed"], run.last["faults"], run.last.severity], [1, 1, "WARNING"]);
    assert.ok(
      run.entries.some(
        ({ severity, uri, code }) =>
          severity === "WARNING" && uri === `gs://${bucket}/bad.pdf` && code === "parse_failed",
      ),
    );
    assert.ok(
      run.entries.some(
        ({ uri, code, record }) =>
          uri === `gs://${bucket}/bad.jsonl` && code === "record_invalid" && record !== undefined,
      ),
    );
    assert.doesNotMatch(run.text, /canary/);
    assert.equal((await found("alpha")).length, 2);
  });

  test("a wrong configuration names every fault, and no secret", async () => {
    const run = await job.run({
      GCS_BUCKET_NAME: "",
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_API_KEY: "canary-key",
      DOCUMENT_FORMAT: "xml",
    });
    assert.equal(run.code, 1);
    assert.equal(run.entries.length, 1);
    assert.deepEqual([run.last.severity, run.last["code"]], ["ERROR", "config_invalid"]);
    for (const name of ["GCS_BUCKET_NAME", "WEAVIATE_URL", "DOCUMENT_FORMAT"])
      assert.match(run.last.message, new RegExp(name));
    assert.doesNotMatch(run.text, /canary/);
  });

  for (const [name, environment, code] of [
    ["no such bucket", { GCS_BUCKET_NAME: "no-such-bucket" }, "source_not_found"],
    ["no such object", { SOURCE_BLOB_NAME: "none.txt" }, "source_not_found"],
    ["no route to the bucket", { STORAGE_EMULATOR_HOST: "127.0.0.1:1" }, "source_unavailable"],
    ["a folder that cannot be made", { ISTHMUS_DATA_DIR: "/dev/null/data" }, "store_unavailable"],
  ] as const) {
    test(`${name}: one clear line and 1`, async () => {
      await upload("a.txt", "alpha");
      const run = await job.run(environment);
      assert.deepEqual([run.code, run.last.severity, run.last["code"]], [1, "ERROR", code], run.text);
    });
  }

  test("a removal of most of the bucket stops and asks", async () => {
    await Promise.all(Array.from({ length: 25 }, (_, at) => upload(`${at}.txt`, `alpha ${at}`)));
    assert.equal((await job.run()).code, 0);
    await Promise.all(Array.from({ length: 25 }, (_, at) => gcs.remove(bucket, `${at}.txt`)));
    const refused = await job.run();
    assert.deepEqual([refused.code, refused.last["code"]], [1, "mass_delete_refused"]);
    assert.match(refused.last.message, /ISTHMUS_ALLOW_MASS_DELETE=true/);
    assert.equal((await found("alpha")).length, 25);
    const allowed = await job.run({ ISTHMUS_ALLOW_MASS_DELETE: "true" });
    assert.deepEqual([allowed.code, allowed.last["removed"]], [0, 25]);
  });

  test("an object overwritten, one deleted and one damaged while the Job reads them", async () => {
    await upload("over.txt", "alpha old");
    await upload("gone.txt", "alpha gone");
    await upload("flipped.txt", "alpha whole");
    const met = new Set<string>();
    const once = (name: string) => !met.has(name) && met.add(name);
    proxy.choose((url) => {
      if (isMedia(url, "over.txt") && once("over"))
        return { kind: "reset", after: 3, first: async () => void (await upload("over.txt", "alpha new")) };
      if (isMedia(url, "gone.txt") && once("gone"))
        return { kind: "reset", after: 3, first: () => gcs.remove(bucket, "gone.txt") };
      if (isMedia(url, "flipped.txt") && once("flipped")) return { kind: "flip", at: 8 };
      return undefined;
    });
    const run = await job.run();
    assert.equal(run.code, 0, run.text);
    assert.equal(met.size, 3);
    assert.deepEqual(await found("alpha"), ["flipped.txt: alpha whole", "over.txt: alpha new"]);
  });

  test("SIGTERM in the middle of a document gives it up, says so, and the next run goes on", async () => {
    await upload("a.txt", "alpha a");
    await upload("b.txt", "alpha b");
    const reading = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    const until = async () => {
      reading.resolve();
      await never.promise;
    };
    proxy.choose((url) => (isMedia(url, "b.txt") ? { kind: "pause", after: 3, until } : undefined));
    const started = job.start();
    await reading.promise;
    started.process.kill("SIGTERM");
    const stopped = readLog(await started.ended);
    never.resolve();
    assert.deepEqual([stopped.code, stopped.last["interrupted"], stopped.last["exit_code"]], [143, true, 143]);
    assert.ok(stopped.entries.some(({ severity, signal }) => severity === "NOTICE" && signal === "SIGTERM"));
    proxy.choose(() => undefined);
    assert.equal((await job.run()).code, 0);
    assert.deepEqual(await found("alpha"), ["a.txt: alpha a", "b.txt: alpha b"]);
  });

  test("work that does not end within the grace period is killed, which harms nothing", async () => {
    await upload("a.txt", "alpha a");
    await upload("b.txt", "alpha b");
    assert.equal((await job.run()).code, 0);
    await gcs.remove(bucket, "b.txt");
    await upload("c.txt", "alpha c");
    const asked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    // The last look at a vanished object, which no signal ends.
    proxy.choose((url) => {
      if (!url.includes("/o/b.txt?")) return undefined;
      asked.resolve();
      return { kind: "hold", until: () => never.promise };
    });
    const started = job.start({ ISTHMUS_GRACE_SECONDS: "1" });
    await asked.promise;
    started.process.kill("SIGTERM");
    const killed = readLog(await started.ended);
    never.resolve();
    assert.deepEqual([killed.code, killed.signal, killed.last.severity], [null, "SIGKILL", "ERROR"]);
    assert.match(killed.last.message, /within 1 s/);
    proxy.choose(() => undefined);
    assert.equal((await job.run()).code, 0);
    assert.deepEqual(await found("alpha"), ["a.txt: alpha a", "c.txt: alpha c"]);
  });

  test("the pods of an Indexed Job are together one run", async () => {
    await Promise.all(Array.from({ length: 12 }, (_, at) => upload(`${at}.txt`, `alpha ${at}`)));
    const pods = async () => {
      const runs: JobRun[] = [];
      // One after the other: an index in a file has one writer.
      for (const index of ["0", "1", "2"])
        runs.push(await job.run({ JOB_COMPLETION_INDEX: index, ISTHMUS_JOB_COMPLETIONS: "3" }));
      assert.deepEqual(
        runs.map(({ code }) => code),
        [0, 0, 0],
      );
      const total = (key: string) => runs.reduce((sum, { last }) => sum + Number(last[key]), 0);
      return {
        added: total("added"),
        removed: total("removed"),
        unchanged: total("unchanged"),
        each: runs.map(({ last }) => last["added"]),
      };
    };
    const first = await pods();
    assert.equal(first.added, 12);
    assert.ok(first.each.every((added) => Number(added) < 12));
    await gcs.remove(bucket, "3.txt");
    await gcs.remove(bucket, "7.txt");
    const { added, removed, unchanged } = await pods();
    assert.deepEqual({ added, removed, unchanged }, { added: 0, removed: 2, unchanged: 10 });
    assert.equal((await found("alpha")).length, 10);
  });
});
