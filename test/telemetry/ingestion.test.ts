import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type FakeGcs, fakeGcsBinary, startFakeGcs } from "../peers/fake-gcs.ts";
import { type OtelCollector, otelCollectorBinary, patientExport, startOtelCollector } from "../peers/otel-collector.ts";
import { freePorts } from "../peers/ports.ts";
import { type PubSub, pubSubBinary, startPubSub, subscriptionOf, topicOf } from "../peers/pubsub.ts";
import { eventually, type Running, root, track } from "../support/cli.ts";
import { createJobDesk, readLog } from "../support/job.ts";
import { unlisted } from "./listed.ts";
import { assertExposition } from "./promtool.ts";

const missing = [await otelCollectorBinary(), await pubSubBinary(), await fakeGcsBinary()];
const skip = missing.find((each) => each.skip !== false)?.skip ?? false;
const bucket = "documents";
const traceIds = /^[0-9a-f]{32}$/;

describe("the telemetry of ingestion from a bucket", { skip }, () => {
  let folder = "";
  let peers: { readonly gcs: FakeGcs; readonly pubSub: PubSub; readonly collector: OtelCollector };
  let environment: Record<string, string> = {};
  const running: Running[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "isthmus-telemetry-"));
    const [collector, pubSub] = await Promise.all([startOtelCollector(), startPubSub()]);
    const gcs = await startFakeGcs({ pubSubHost: pubSub.host });
    peers = { gcs, pubSub, collector };
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
      ISTHMUS_STORE: "sqlite",
      ISTHMUS_DATA_DIR: join(folder, "data"),
      ISTHMUS_METRICS: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...patientExport,
    };
  });
  after(async () => {
    for (const { process: child, ended } of running) {
      child.kill("SIGKILL");
      await ended;
    }
    await Promise.all([peers?.gcs.stop(), peers?.pubSub.stop(), peers?.collector.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("by events: a delivery's span, its document's linked to it, and what the queue does as numbers", async () => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(root, "src/entry/ingest-worker.ts")],
      { cwd: folder, env: { ...process.env, ...environment, OTEL_SERVICE_NAME: "worker" } },
    );
    const worker = track(child);
    running.push(worker);
    const [, port = ""] = await worker.seen(/"port":(\d+)/);
    const metrics = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      return response.ok ? await response.text() : "";
    };
    await peers.gcs.upload(bucket, "watch.md", "canaryintext: the notes.", { contentType: "text/markdown" });
    await peers.gcs.upload(bucket, "bad.pdf", "%PDF-1.7 canaryintext", { contentType: "application/pdf" });
    const told = await eventually(metrics, (text) => /isthmus_changes_total\{[^}]*done[^}]*\} [2-9]\n/.test(text));
    // A message may come twice, here too.
    assert.match(told, /^isthmus_changes_in_hand \d+$/m);
    assert.match(told, /^isthmus_changes_oldest_seconds [\d.]+$/m);
    assert.match(
      told,
      /^isthmus_changes_age_seconds_count\{messaging_system="gcp_pubsub",isthmus_settled="done"\} [2-9]$/m,
    );
    assert.match(told, /^isthmus_documents_total\{isthmus_outcome="added"\} 1$/m);
    assert.match(told, /^isthmus_documents_total\{isthmus_outcome="failed"\} [1-9]$/m);
    assert.match(told, /^isthmus_freshness_seconds_count 1$/m);
    await assertExposition(told);
    worker.process.kill("SIGTERM");
    const { code, entries, text } = readLog(await worker.ended);
    assert.equal(code, 0, text);
    const spans = await peers.collector.until(
      (all) => all.filter(({ name }) => name === "process").length >= 2 && all.some(({ name }) => name === "commit"),
    );
    const of = (wanted: string, uri: string) =>
      spans.filter(({ name, attributes }) => name === wanted && attributes["isthmus.document.uri"] === uri);
    const deliveries = of("process", "gs://documents/watch.md");
    assert.deepEqual([deliveries[0]?.kind, deliveries[0]?.parentSpanId], [5, ""]);
    const linked = of("document", "gs://documents/watch.md").flatMap(({ links }) => links.map(({ spanId }) => spanId));
    assert.ok(deliveries.some(({ spanId }) => linked.includes(spanId)));
    // A line about a document leads to its trace.
    const failed = entries.find(({ message }) => message.startsWith("Failed: gs://documents/bad.pdf"));
    assert.ok(of("document", "gs://documents/bad.pdf").some(({ traceId }) => traceId === failed?.["trace_id"]));
    assert.match(String(failed?.["trace_id"]), traceIds);
  });

  it("by the Job: its last line and each failure name the trace, and so does the version", async (context) => {
    const job = createJobDesk({ ...environment, ISTHMUS_DATA_DIR: join(folder, "job"), OTEL_SERVICE_NAME: "job" });
    context.after(() => job.clear());
    await peers.gcs.upload(bucket, "job.md", "canaryintext of the Job.", { contentType: "text/markdown" });
    const { entries, last, code, text } = await job.run({ PORT: String((await freePorts(1))[0]) });
    assert.equal(code, 2, text);
    const spans = await peers.collector.until((all) => all.some(({ name }) => name === "job"));
    const trace = spans.find(({ name }) => name === "job")?.traceId;
    assert.match(String(trace), traceIds);
    assert.equal(last["trace_id"], trace);
    const failed = entries.find(({ message }) => message.startsWith("Failed: "));
    assert.equal(failed?.["trace_id"], trace);
    assert.match(String(failed?.["span_id"]), /^[0-9a-f]{16}$/);
    const traced = track(
      spawn(process.execPath, [join(root, "src/entry/cli.ts"), "trace", "gs://documents/job.md#1", "--json"], {
        env: {
          ...process.env,
          ISTHMUS_DATA_DIR: join(folder, "job"),
          ISTHMUS_TRACE_URL: "http://127.0.0.1:9411/zipkin/traces/{trace_id}",
        },
      }),
    );
    const answer = (await traced.ended).json<Record<string, unknown>>();
    assert.equal(answer["trace_id"], trace);
    assert.equal(answer["address"], `http://127.0.0.1:9411/zipkin/traces/${trace}`);
  });

  it("by the comparison of bucket and index: what it left, and when it was through", async (context) => {
    const job = createJobDesk({ ...environment, ISTHMUS_DATA_DIR: join(folder, "job") });
    context.after(() => job.clear());
    const { last, code, text } = readLog(
      await job.start({ PORT: "0", OTEL_SERVICE_NAME: "nightly" }, "reconcile").ended,
    );
    assert.ok(code === 0 || code === 2, text);
    const spans = await peers.collector.until((all) => all.some(({ name }) => name === "reconcile"));
    assert.ok(spans.some(({ name, service }) => name === "reconcile" && service === "nightly"));
    assert.ok(last["reconciliation"]);
    await eventually(
      async () => peers.collector.raw(),
      (raw) => raw.includes("isthmus.reconciliation.differences") && raw.includes("isthmus.reconciliation.completed"),
    );
  });

  it("the Job shows its numbers while it works", async (context) => {
    const open = new Set<Socket>();
    const hanging = createServer((socket) => open.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    const address = hanging.address();
    const away = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const job = createJobDesk({
      ...environment,
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: away,
      WEAVIATE_GRPC_URL: away,
    });
    context.after(async () => {
      await job.clear();
      for (const socket of open) socket.destroy();
      hanging.close();
    });
    const [port = 0] = await freePorts(1);
    job.start({ PORT: String(port) });
    const text = await eventually(
      () =>
        fetch(`http://127.0.0.1:${port}/metrics`).then(
          (response) => response.text(),
          () => "",
        ),
      (told) => told !== "",
    );
    assert.match(text, /^# TYPE isthmus_documents_total counter$/m);
    await assertExposition(text);
    assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404);
  });

  for (const [what, args, number] of [
    ["the Job", [], "isthmus_runs_total"],
    ["the comparison", ["reconcile"], "isthmus_reconciliation_completed_seconds"],
  ] as const) {
    it(`what ${what} counts at its end is shown to whoever looks next, and then it ends`, async (context) => {
      const job = createJobDesk({ ...environment, ISTHMUS_METRICS_LAST_LOOK_SECONDS: "600" });
      context.after(() => job.clear());
      const [port = 0] = await freePorts(1);
      const started = job.start({ PORT: String(port) }, ...args);
      await started.seen(/wait for one more look, 600 s at most/);
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      assert.match(text, new RegExp(`^${number}(\\{.*\\})? \\d`, "m"));
      await assertExposition(text);
      const { code, text: log } = readLog(await started.ended);
      assert.equal(code, 2, log);
    });
  }

  it("a run that nobody looks at any more ends by itself, and at once when it is stopped", async (context) => {
    const job = createJobDesk({ ...environment, PORT: "0" });
    context.after(() => job.clear());
    const alone = readLog(await job.start({ ISTHMUS_METRICS_LAST_LOOK_SECONDS: "1" }, "reconcile").ended);
    assert.equal(alone.code, 2, alone.text);
    const started = job.start({ ISTHMUS_METRICS_LAST_LOOK_SECONDS: "600" });
    await started.seen(/wait for one more look/);
    started.process.kill("SIGTERM");
    const { code, last, text } = readLog(await started.ended);
    assert.equal(code, 2, text);
    assert.match(last.message, /^Done: /);
  });

  it("tells no text, and nothing that docs/telemetry.md does not list", () => {
    assert.ok(!peers.collector.raw().includes("canaryintext"));
    assert.deepEqual(unlisted(peers.collector.spans()), []);
  });
});
