import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bundleIngestWorker } from "../../scripts/bundle/ingestion.ts";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { type PubSub, pubSubBinary, startPubSub, subscriptionOf, topicOf } from "../peers/pubsub.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import { createDesk, eventually, type Running, track } from "../support/cli.ts";
import { readLog } from "../support/job.ts";

const missing = [(await pubSubBinary()).skip, (await fakeGcsBinary()).skip, (await weaviateBinary()).skip];
const architecture = process.arch === "arm64" ? "arm64" : "x64";
const skip =
  process.platform !== "linux" ? "the bundle is for Linux" : (missing.find((each) => each !== false) ?? false);

describe("the worker, as it ships", { skip }, () => {
  const bucket = "documents";
  let folder = "";
  let peers: { readonly gcs: FakeGcs; readonly pubSub: PubSub; readonly weaviate: Weaviate };
  let environment: Record<string, string>;
  const running: Running[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "isthmus-worker-"));
    await bundleIngestWorker(architecture, join(folder, "app"));
    const [pubSub, weaviate] = await Promise.all([startPubSub(), startWeaviate()]);
    const gcs = await startFakeGcs({ pubSubHost: pubSub.host });
    peers = { gcs, pubSub, weaviate };
    await gcs.createBucket(bucket);
    await pubSub.create(bucket);
    await gcs.notify(bucket, topicOf(bucket));
    environment = {
      GCS_BUCKET_NAME: bucket,
      ISTHMUS_SUBSCRIPTION: subscriptionOf(bucket),
      STORAGE_EMULATOR_HOST: gcs.url,
      PUBSUB_EMULATOR_HOST: pubSub.host,
      HOST: "127.0.0.1",
      PORT: "0",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: weaviate.keys.writer,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_DATA_DIR: join(folder, "data"),
    };
  });
  after(async () => {
    for (const { process: child, ended } of running) {
      child.kill("SIGKILL");
      await ended;
    }
    await Promise.all([peers?.gcs.stop(), peers?.pubSub.stop(), peers?.weaviate.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  function start(more: Record<string, string> = {}, ...args: string[]): Running {
    const program = join(folder, "app/ingest-worker.mjs");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
      cwd: folder,
      env: { ...environment, ...more },
    });
    const started = track(child);
    running.push(started);
    return started;
  }

  test("an upload is found a moment later, an overwrite too, a deletion no more; SIGTERM ends it cleanly", async () => {
    const worker = start();
    const [, port = ""] = await worker.seen(/"port":(\d+)/);
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()] as const;
    };
    await eventually(
      () => ask("/readyz"),
      ([status]) => status === 200,
    );
    assert.deepEqual(await ask("/healthz"), [200, { status: "alive" }]);
    assert.equal((await ask("/other"))[0], 404);
    const desk = createDesk({ ...environment, ISTHMUS_STORE: "weaviate" });
    const found = async () => {
      const run = await desk.run("query", "when are the notes handed over", "--json");
      return run.code === 0 ? run.json<{ results: { content: string }[] }>().results.map(({ content }) => content) : [];
    };
    const until = (text: string | undefined) => eventually(found, ([first]) => first === text);
    try {
      await peers.gcs.upload(bucket, "watch.md", "The notes are handed over at seven.", {
        contentType: "text/markdown",
      });
      await until("The notes are handed over at seven.");
      await peers.gcs.upload(bucket, "watch.md", "The notes are handed over at eight.", {
        contentType: "text/markdown",
      });
      await until("The notes are handed over at eight.");
      await peers.gcs.upload(bucket, "bad.pdf", "%PDF-1.7 canary of a text");
      await worker.seen(/Failed: gs:\/\/documents\/bad.pdf/);
      await peers.gcs.remove(bucket, "watch.md");
      await until(undefined);
    } finally {
      await desk.clear();
    }
    worker.process.kill("SIGTERM");
    const { code, last, text } = readLog(await worker.ended);
    assert.equal(code, 0, text);
    assert.match(last.message, /^Stopped/);
    assert.deepEqual([last["added"], last["changed"], last["removed"], last["failed"]], [1, 1, 1, 1]);
    assert.doesNotMatch(text, /canary|handed over/, "no text of a document in a log");
  });

  test("a broker and a Weaviate that are away are told by /readyz, and waited for", async () => {
    const worker = start({ ISTHMUS_COLLECTION: `Away${randomBytes(4).toString("hex")}` });
    const [, port = ""] = await worker.seen(/"port":(\d+)/);
    const ready = async () => await (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
    await eventually(ready, (answer) => answer.includes('"ready"'));
    await peers.pubSub.restart();
    await eventually(ready, (answer) => answer.includes('"queue"'));
    await peers.pubSub.create(bucket);
    await eventually(ready, (answer) => answer.includes('"ready"'));
    worker.process.kill("SIGTERM");
    assert.equal((await worker.ended).code, 0);
  });

  for (const [name, more, message] of [
    [
      "every fault of its configuration",
      { GCS_BUCKET_NAME: "", ISTHMUS_SUBSCRIPTION: "mine" },
      /projects\/PROJECT.*\n.*GCS_BUCKET_NAME/,
    ],
    [
      "a subscription that is not there",
      { ISTHMUS_SUBSCRIPTION: subscriptionOf("none") },
      /does not know the subscription .*none/,
    ],
    ["a bucket that is not there", { GCS_BUCKET_NAME: "no-such-bucket" }, /There is no bucket/],
    ["a key that Weaviate refuses", { WEAVIATE_API_KEY: "canary" }, /refused the API key/],
  ] as const) {
    test(`${name}: told in its last line, and 1`, async () => {
      const { code, last, text } = readLog(await start(more).ended);
      assert.equal(code, 1, text);
      assert.equal(last.severity, "ERROR");
      assert.match(last.message, message);
      assert.doesNotMatch(text, /canary/);
    });
  }

  test("--help says how to configure it; an argument is a slip", async () => {
    const help = await start({}, "--help").ended;
    assert.equal(help.code, 0);
    assert.match(help.stdout, /ISTHMUS_SUBSCRIPTION/);
    assert.equal((await start({}, "now").ended).code, 1);
  });
});
