import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { attempt, index } from "../../src/adapters/store/contract/harness.ts";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import type { WireObserver } from "../../src/telemetry/wire.ts";
import { type CollectedSpan, spansOf } from "../peers/otel-collector.ts";
import { eventually } from "../support/cli.ts";
import { scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };

await suiteWithWeaviate("a request to Weaviate that has to be sent again", {}, (weaviate) => {
  test("has a span for each attempt, under one operation, and each sends an id of its own", async (context) => {
    const spans: CollectedSpan[] = [];
    const sink = createServer(async (request, response) => {
      const pieces = await Array.fromAsync(request);
      spans.push(...spansOf(Buffer.concat(pieces).toString("utf8")));
      response.writeHead(200).end("{}");
    }).listen(0, "127.0.0.1");
    await once(sink, "listening");
    context.after(() => {
      sink.closeAllConnections();
      sink.close();
    });
    const telemetry = createTelemetry(
      {
        traces: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/v1/traces`,
        metrics: undefined,
        headers: {},
        timeoutMs: 60_000,
        caCertificate: undefined,
        ratio: 1,
        serviceName: undefined,
        resource: {},
        prometheus: false,
      },
      { name: "tested", version: "1" },
    );
    const settings = scratchSettings(weaviate());
    const plain = createWeaviateStore(settings);
    const writer = await plain.openWriter(identity);
    const seeing = await plain.openReader(identity);
    await index({ store: plain, identity, writer, reader: seeing }, attempt("gs://bucket/a.txt"), [{}]);
    const [node] = weaviate().nodes;
    assert.ok(node);
    const sent: string[] = [];
    const wire: WireObserver = {
      ...telemetry.wire,
      send: (request, send, statusOf) =>
        telemetry.wire.send(
          request,
          (headers) => {
            sent.push(headers["traceparent"] ?? "");
            // It hears none of them until there are two.
            if (sent.length === 2) node.resume();
            return send(headers);
          },
          statusOf,
        ),
    };
    const reader = await telemetry.store(createWeaviateStore({ ...settings, wire })).openReader(identity);
    await telemetry.span("before", () => reader.search({ mode: "keyword", limit: 1, terms: ["common"] }));
    sent.length = 0;
    await node.pause();
    try {
      const hits = await telemetry.span("query", () => reader.search({ mode: "keyword", limit: 1, terms: ["common"] }));
      assert.equal(hits.length, 1);
    } finally {
      node.resume();
    }
    await reader.close();
    await writer.close();
    await seeing.close();
    await dropCollections(settings);
    const known = () => new Set(spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
    await eventually(
      async () => {
        await telemetry.flush();
        return known();
      },
      (ids) => sent.every((parent) => ids.has(parent)),
    );
    await telemetry.close();
    assert.equal(new Set(sent).size, sent.length, "two attempts went by one id");
    const search = spans.findLast(({ name }) => name === "search");
    const attempts = spans.filter(({ traceId, kind }) => traceId === search?.traceId && kind === 3);
    const first = attempts.filter(({ traceId, spanId }) => sent.slice(0, 2).includes(`00-${traceId}-${spanId}-01`));
    assert.equal(first.length, 2);
    for (const { name, parentSpanId } of first) {
      assert.equal(name, "weaviate.v1.Weaviate/Search");
      assert.equal(parentSpanId, search?.spanId);
    }
  });
});
