import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import {
  type CollectedSpan,
  otelCollectorBinary,
  patientExport,
  startOtelCollector,
  weaviateTracing,
} from "../peers/otel-collector.ts";
import { startWeaviate, weaviateBinary } from "../peers/weaviate.ts";
import { deskFor } from "../support/cli.ts";

const skip = (await otelCollectorBinary()).skip || (await weaviateBinary()).skip;

const byId = (spans: readonly CollectedSpan[]) => new Map(spans.map((span) => [span.spanId, span]));

test("over three nodes a trace goes on from the one that is asked to the others, without an orphan", {
  skip,
}, async (context) => {
  const collector = await startOtelCollector();
  context.after(() => collector.stop());
  const cluster = await startWeaviate({ nodes: 3, environment: weaviateTracing(collector.grpc) });
  context.after(() => cluster.stop());
  const desk = deskFor(context, {
    ISTHMUS_STORE: "weaviate",
    WEAVIATE_URL: cluster.url,
    WEAVIATE_GRPC_URL: cluster.grpcUrl,
    WEAVIATE_API_KEY: cluster.keys.admin,
    ISTHMUS_REPLICATION_FACTOR: "3",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    ...patientExport,
  });
  for (let name = 0; name < 10; name++) desk.write(`${name}.md`, `# Note ${name}\n\nIt is handed over at ${name}.`);
  const ingested = await desk.run("ingest", join(desk.folder, "documents"));
  assert.equal(ingested.code, 0, ingested.stderr);
  const queried = await desk.run("query", "when is it handed over?");
  assert.equal(queried.code, 0, queried.stderr);
  /** Of runs and questions that have ended, what has no parent. */
  const spans = await collector.until((all) => {
    const roots = all.filter(({ name }) => name === "ingest" || name === "query");
    const known = new Set(all.map(({ spanId }) => spanId));
    return (
      roots.length === 2 &&
      all.every(({ parentSpanId }) => parentSpanId === "" || known.has(parentSpanId)) &&
      roots.every(({ traceId }) => all.some((span) => span.traceId === traceId && span.service === "weaviate")) &&
      all.some((span) => span.service === "weaviate" && byId(all).get(span.parentSpanId)?.service === "weaviate")
    );
  });
  for (const { service, parentSpanId, name } of spans)
    if (service === "weaviate") assert.notEqual(parentSpanId, "", `${name} began a trace of its own`);
});
