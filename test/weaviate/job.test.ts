import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { freePorts } from "../peers/ports.ts";
import { eventually } from "../support/cli.ts";
import { createJobDesk, type JobRun } from "../support/job.ts";
import { objectsOf, suiteWithWeaviate, witness } from "../support/weaviate.ts";

const { skip } = await fakeGcsBinary();

await suiteWithWeaviate("the Job and a Weaviate that cannot be used", {}, (weaviate) => {
  let gcs: FakeGcs | undefined;
  before(async () => {
    if (skip !== false) return;
    gcs = await startFakeGcs();
    await gcs.createBucket("documents");
    for (let number = 0; number < 5; number++) await gcs.upload("documents", `${number}.md`, `# ${number}\n\nText.`);
  });
  after(() => gcs?.stop());

  /** Runs the Job, then looks whether anything lies in the collection. */
  async function failing(
    environment: Readonly<Record<string, string>>,
    afterwards: () => void = () => {},
  ): Promise<JobRun> {
    const collection = `Job${randomBytes(6).toString("hex")}`;
    const desk = createJobDesk({
      STORAGE_EMULATOR_HOST: gcs?.url ?? "",
      GCS_BUCKET_NAME: "documents",
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: weaviate().url,
      WEAVIATE_GRPC_URL: weaviate().grpcUrl,
      WEAVIATE_API_KEY: weaviate().keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_COLLECTION: collection,
    });
    try {
      const run = await desk.run(environment);
      afterwards();
      assert.equal(run.code, 1, run.text);
      assert.equal(run.last.severity, "ERROR");
      assert.doesNotMatch(run.text, /canary|peer-admin-key|Text\./, "no key and no text of a document in a log");
      const client = await witness(weaviate());
      const exists = await client.collections.exists(collection);
      await client.close();
      if (exists) {
        const { chunks, manifest } = await objectsOf(weaviate(), collection);
        assert.deepEqual([chunks, manifest], [[], []], "nothing is half-written");
      }
      return run;
    } finally {
      await desk.clear();
    }
  }

  test("a wrong key", { skip }, async () => {
    const { last, entries } = await failing({ WEAVIATE_API_KEY: "canary" });
    assert.match(last.message, /refused the API key \(401\).*WEAVIATE_API_KEY/);
    assert.equal(entries.filter(({ severity }) => severity === "ERROR").length, 1);
  });

  test("nobody at the address, for as long as the Job waits", { skip }, async () => {
    const [nobody = 0] = await freePorts(1);
    const { last } = await failing({ WEAVIATE_GRPC_URL: `http://127.0.0.1:${nobody}` });
    assert.match(last.message, /nothing listens there \(ECONNREFUSED\)/);
  });

  test("the HTTP port where the gRPC port is meant", { skip }, async () => {
    const { last } = await failing({ WEAVIATE_GRPC_URL: weaviate().url });
    assert.match(last.message, /WEAVIATE_GRPC_URL must name Weaviate's gRPC port/);
  });

  test("a name without an address", { skip }, async () => {
    const { last } = await failing({ WEAVIATE_URL: "http://no-such-host.invalid:8080" });
    assert.match(last.message, /its name has no address.*check the host name/);
  });

  test("a server that takes connections and never answers", { skip }, async () => {
    await weaviate().nodes[0]?.pause();
    const resume = () => weaviate().nodes[0]?.resume();
    try {
      const { last } = await failing({ ISTHMUS_STORE_TIMEOUT_MS: "200" }, resume);
      assert.match(last.message, /cannot be used now: .*(does not answer|no answer in time)/);
    } finally {
      resume();
    }
  });

  test("a Weaviate that goes away in the middle: SIGTERM ends the Job at once, and the next run does the rest", {
    skip,
  }, async () => {
    const many = 150;
    const bucket = `stopped-${randomBytes(4).toString("hex")}`;
    const paragraph = "The night watch writes down what it sees, and hands it over in the morning. ".repeat(12);
    await gcs?.createBucket(bucket);
    for (let number = 0; number < many; number++) {
      await gcs?.upload(
        bucket,
        `${number}.md`,
        `# Watch ${number}\n\n${paragraph.replaceAll("night", `night ${number}`)}`,
      );
    }
    const collection = `Job${randomBytes(6).toString("hex")}`;
    const desk = createJobDesk({
      STORAGE_EMULATOR_HOST: gcs?.url ?? "",
      GCS_BUCKET_NAME: bucket,
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: weaviate().url,
      WEAVIATE_GRPC_URL: weaviate().grpcUrl,
      WEAVIATE_API_KEY: weaviate().keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_COLLECTION: collection,
    });
    try {
      const running = desk.start();
      await eventually(
        () => rowsIn(collection),
        (rows) => rows > 0,
      );
      await weaviate().nodes[0]?.pause();
      running.process.kill("SIGTERM");
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 143, `${stdout}${stderr}`);
      assert.match(stdout, /Stopped; the next run goes on from here/);
      assert.doesNotMatch(stdout, /did not end within/);
      weaviate().nodes[0]?.resume();
      const next = await desk.run();
      assert.equal(next.code, 0, next.text);
      assert.equal(await rowsIn(collection), many);
    } finally {
      weaviate().nodes[0]?.resume();
      await desk.clear();
    }
  });

  async function rowsIn(collection: string): Promise<number> {
    const client = await witness(weaviate());
    try {
      if (!(await client.collections.exists(`${collection}Manifest`))) return 0;
      return await client.collections.use(`${collection}Manifest`).length();
    } finally {
      await client.close();
    }
  }
});
