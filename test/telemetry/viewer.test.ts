import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { otelCollectorBinary, patientExport, weaviateTracing } from "../peers/otel-collector.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import { startTraceViewer, type TraceViewer, zipkinJar } from "../peers/zipkin.ts";
import { createDesk, type Desk, eventually } from "../support/cli.ts";

const skip = (await weaviateBinary()).skip || (await otelCollectorBinary()).skip || (await zipkinJar()).skip;

interface ViewedSpan {
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  readonly localEndpoint: { readonly serviceName: string };
}

describe("a trace in the viewer", { skip }, () => {
  let viewer: TraceViewer;
  let weaviate: Weaviate;
  let desk: Desk;
  before(async () => {
    viewer = await startTraceViewer({ otlpPort: 0, viewerPort: 0 });
    weaviate = await startWeaviate({ environment: weaviateTracing(viewer.grpc) });
    desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: weaviate.keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_LOG: "json",
      OTEL_EXPORTER_OTLP_ENDPOINT: viewer.otlp,
      ...patientExport,
    });
    desk.write("deletion.md", "# Deletion\n\nA document is deleted by its tombstone.");
    const { code, stderr } = await desk.run("ingest", join(desk.folder, "documents"));
    assert.equal(code, 0, stderr);
  });
  after(async () => {
    await desk?.clear();
    await weaviate?.stop();
    await viewer?.stop();
  });

  it("has the caller's id, as the answer, the log and Weaviate's own spans have it", async () => {
    const traceId = randomBytes(16).toString("hex");
    const caller = "00f067aa0ba902b7";
    const started = desk.start("serve");
    const [url = ""] = await started.seen(/http:\/\/127\.0\.0\.1:\d+/);
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent: `00-${traceId}-${caller}-01` },
      body: JSON.stringify({ query: "how is a document deleted?" }),
    });
    const answer = (await response.json()) as { trace_id: string };
    assert.equal(response.status, 200, JSON.stringify(answer));
    assert.equal(answer.trace_id, traceId);
    assert.equal(response.headers.get("x-trace-id"), traceId);
    await started.seen(new RegExp(`"trace_id":"${traceId}"`));
    const isWeaviates = ({ localEndpoint }: ViewedSpan) => localEndpoint.serviceName === "weaviate";
    const parentIn = (all: readonly ViewedSpan[], { parentId }: ViewedSpan) => all.find(({ id }) => id === parentId);
    // Batches may come in another order than they were sent in.
    const spans = await eventually(
      async () => {
        const viewed = await fetch(`${viewer.url}/api/v2/trace/${traceId}`);
        return viewed.ok ? ((await viewed.json()) as ViewedSpan[]) : [];
      },
      (all) =>
        all.some(({ name }) => name === "post /query") &&
        all.some(isWeaviates) &&
        all.filter(isWeaviates).every((span) => parentIn(all, span) !== undefined),
    );
    assert.equal(spans.find(({ name }) => name === "post /query")?.parentId, caller);
    for (const span of spans.filter(isWeaviates))
      assert.equal(
        parentIn(spans, span)?.localEndpoint.serviceName,
        "isthmus",
        `${span.name} is a child of a request of ours`,
      );
    // The address that a person opens.
    assert.equal((await fetch(`${viewer.url}/zipkin/traces/${traceId}`)).status, 200);
  });
});
