import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import {
  type CollectedSpan,
  type OtelCollector,
  otelCollectorBinary,
  patientExport,
  startOtelCollector,
  weaviateTracing,
} from "../peers/otel-collector.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import { eventually } from "../support/cli.ts";
import { type Container, startContainer } from "../support/lambda/container.ts";
import { ask, send } from "../support/lambda/deployment.ts";
import { ingestFolder, localWeaviate } from "../support/lambda/ingest.ts";
import { type PackagedFunction, packageAndUnpack } from "../support/lambda/packaged.ts";
import { startTcpProxy } from "../support/lambda/tcp-proxy.ts";
import { unlisted } from "./listed.ts";

const collectorBinary = await otelCollectorBinary();
const weaviate = await weaviateBinary();
const skip =
  process.platform === "linux" ? collectorBinary.skip || weaviate.skip : "the package's binaries are for Linux";

const newTrace = () => randomBytes(16).toString("hex");
const caller = "00f067aa0ba902b7";

describe("the traces of the query function that ships", { skip }, () => {
  let collector: OtelCollector;
  let server: Weaviate;
  let packaged: PackagedFunction;
  let container: Container;
  let documents = "";
  before(async () => {
    collector = await startOtelCollector();
    server = await startWeaviate({
      environment: weaviateTracing(collector.grpc),
    });
    documents = mkdtempSync(join(tmpdir(), "isthmus-traced-"));
    writeFileSync(
      join(documents, "a.md"),
      "# Deletion\n\nA document is deleted by its tombstone, says canaryindocument.",
    );
    await ingestFolder(documents, localWeaviate(server, server.keys.writer));
    packaged = await packageAndUnpack();
    container = await start();
  });
  after(async () => {
    await container?.stop();
    await packaged?.remove();
    await server?.stop();
    await collector?.stop();
    if (documents !== "") rmSync(documents, { recursive: true });
  });

  const start = (environment: Record<string, string> = {}) =>
    startContainer({
      folder: packaged.folder,
      environment: {
        WEAVIATE_URL: server.url,
        WEAVIATE_GRPC_URL: server.grpcUrl,
        WEAVIATE_API_KEY: server.keys.reader,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        ...patientExport,
        ...environment,
      },
    });
  const startDisposable = async () => {
    const fresh = await start();
    return { container: fresh, [Symbol.asyncDispose]: () => fresh.stop() };
  };
  const asking = (
    target: Container,
    headers: Record<string, string>,
    query = "how is a document deleted, canaryinquery?",
  ) =>
    send(target, {
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
  const of = (spans: readonly CollectedSpan[], traceId: string) => spans.filter((span) => span.traceId === traceId);

  it("go from the caller to Weaviate's own spans, without an orphan", async () => {
    const traceId = newTrace();
    const { status, json, headers } = await asking(container, { traceparent: `00-${traceId}-${caller}-01` });
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.trace_id, traceId);
    assert.equal(headers["x-trace-id"], traceId);
    const spans = await collector.until(
      (all) =>
        of(all, traceId).some(({ service, name }) => service === "weaviate" && name.endsWith("/Search")) &&
        of(all, traceId).some(({ name }) => name === "POST /query"),
    );
    const own = of(spans, traceId);
    const byId = new Map(own.map((span) => [span.spanId, span]));
    const root = own.find(({ name }) => name === "POST /query");
    assert.equal(root?.parentSpanId, caller);
    for (const span of own)
      if (span !== root) assert.ok(byId.has(span.parentSpanId), `${span.service} ${span.name} is an orphan`);
    assert.ok(own.some(({ name, parentSpanId }) => name.startsWith("embeddings ") && parentSpanId === root?.spanId));
    const search = own.find(({ name }) => name === "search");
    assert.equal(search?.parentSpanId, root?.spanId);
    for (const span of own.filter(({ service }) => service === "weaviate")) {
      const client = byId.get(span.parentSpanId);
      assert.equal(client?.kind, 3, "Weaviate's span is a child of a client span of ours");
    }
  });

  it("tell which invocation it was, and whether its container was new", async () => {
    await using fresh = await startDisposable();
    const traces = [newTrace(), newTrace()];
    for (const traceId of traces) await asking(fresh.container, { traceparent: `00-${traceId}-${caller}-01` });
    const spans = await collector.until((all) =>
      traces.every((traceId) => of(all, traceId).some(({ name }) => name === "POST /query")),
    );
    const roots = traces.map((traceId) => of(spans, traceId).find(({ name }) => name === "POST /query")?.attributes);
    assert.deepEqual(
      roots.map((attributes) => attributes?.["faas.coldstart"]),
      [true, false],
    );
    assert.equal(new Set(roots.map((attributes) => attributes?.["faas.invocation_id"] ?? "none")).size, 2);
    assert.equal(roots[0]?.["faas.trigger"], "http");
  });

  it("reach Weaviate with every request, over gRPC and over HTTP", async () => {
    const ours = (all: readonly CollectedSpan[]) =>
      all.filter(({ service, kind, error }) => service !== "weaviate" && kind === 3 && !error);
    const heard = (all: readonly CollectedSpan[], { spanId, traceId }: CollectedSpan) =>
      all.some((span) => span.service === "weaviate" && span.parentSpanId === spanId && span.traceId === traceId);
    const spans = await collector.until((all) => ours(all).every((span) => heard(all, span)));
    assert.ok(ours(spans).some(({ name }) => name === "weaviate.v1.Weaviate/Search"));
    assert.ok(ours(spans).some(({ attributes }) => attributes["http.request.method"] === "GET"));
  });

  it("hold every answered request, the last of a container too, over freezes and kills", async () => {
    const asked: string[] = [];
    for (let round = 0; round < 5; round++) {
      const own = round === 0 ? container : await start();
      for (let request = 0; request < 50; request++) {
        const traceId = newTrace();
        const { status } = await asking(own, { traceparent: `00-${traceId}-${caller}-01` });
        assert.equal(status, 200);
        asked.push(traceId);
      }
      // The platform takes a container away when it is frozen: after both the function and its extension wait.
      await own.frozen();
      if (own !== container) await own.stop();
    }
    const spans = await collector.until((all) => {
      const roots = new Set(all.filter(({ name }) => name === "POST /query").map(({ traceId }) => traceId));
      return asked.every((traceId) => roots.has(traceId));
    });
    const known = new Set(spans.map(({ spanId }) => spanId));
    const lost = spans.filter(
      (span) => asked.includes(span.traceId) && span.parentSpanId !== caller && !known.has(span.parentSpanId),
    );
    assert.deepEqual(lost, []);
  });

  it("tell of a request that was wrong, and call it no failure of the function", async () => {
    const traceId = newTrace();
    const { status } = await send(container, {
      headers: { "content-type": "application/json", traceparent: `00-${traceId}-${caller}-01` },
      body: "{",
    });
    assert.equal(status, 400);
    const spans = await collector.until((all) => of(all, traceId).some(({ name }) => name === "POST /query"));
    const [root, ...others] = of(spans, traceId);
    assert.deepEqual([root?.attributes["isthmus.problem"], root?.error, others], ["invalid_json", false, []]);
  });

  it("show each try of a request whose connection died without a word while the container was frozen", async () => {
    const proxy = await startTcpProxy(server.grpcUrl);
    const own = await start({ WEAVIATE_GRPC_URL: `http://127.0.0.1:${proxy.port}` });
    const searches = (all: readonly CollectedSpan[], theirs: boolean) =>
      all.filter(({ service, name }) => (service === "weaviate") === theirs && name.endsWith("/Search"));
    /** Those of its tries that nobody heard. */
    async function lostTries(): Promise<number> {
      const traceId = newTrace();
      assert.equal((await asking(own, { traceparent: `00-${newTrace()}-${caller}-00` })).status, 200);
      await own.frozen();
      proxy.dropSilently();
      const { status, json } = await asking(own, { traceparent: `00-${traceId}-${caller}-01` });
      assert.equal(status, 200, JSON.stringify(json));
      assert.equal(json.trace_id, traceId);
      const heardBy = (all: readonly CollectedSpan[], { spanId }: CollectedSpan) =>
        searches(all, true).some(({ parentSpanId }) => parentSpanId === spanId);
      const answered = (all: readonly CollectedSpan[]) => searches(all, false).filter(({ error }) => !error);
      const spans = of(
        await collector.until((all) => {
          const its = of(all, traceId);
          return its.some(({ name }) => name === "POST /query") && answered(its).every((span) => heardBy(its, span));
        }),
        traceId,
      );
      const known = new Set(spans.map(({ spanId }) => spanId));
      for (const { name, parentSpanId } of spans)
        assert.ok(parentSpanId === caller || known.has(parentSpanId), `${name} is an orphan`);
      const search = spans.find(({ name }) => name === "search");
      for (const span of searches(spans, false)) assert.equal(span.parentSpanId, search?.spanId);
      assert.equal(search?.error, false);
      assert.ok(answered(spans).length > 0);
      const lost = searches(spans, false).filter(({ error }) => error);
      assert.ok(!lost.some((span) => heardBy(spans, span)));
      return lost.length;
    }
    try {
      // A connection that lay idle for seconds is asked before it is trusted, and then no request is sent into the dead one: on a busy machine it may.
      let lost = 0;
      for (let turn = 0; turn < 10 && lost === 0; turn++) lost = await lostTries();
      assert.ok(lost > 0, "no try went into the dead connection");
    } finally {
      await own.stop();
      await proxy.close();
    }
  });

  it("are not kept where the caller says so (flag 00), by nobody", async () => {
    const [unkept, kept] = [newTrace(), newTrace()];
    const { json } = await asking(container, { traceparent: `00-${unkept}-${caller}-00` });
    assert.equal(json.trace_id, unkept);
    await asking(container, { traceparent: `00-${kept}-${caller}-01` });
    const spans = await collector.until((all) => of(all, kept).some(({ service }) => service === "weaviate"));
    assert.deepEqual(of(spans, unkept), []);
  });

  for (const [name, header] of [
    ["64 KB", `00-${"a".repeat(65_536)}-${caller}-01`],
    ["a forbidden version", `ff-${"a".repeat(32)}-${caller}-01`],
    ["zeros", `00-${"0".repeat(32)}-${caller}-01`],
    ["a parent of zeros", `00-${"a".repeat(32)}-${"0".repeat(16)}-01`],
    ["upper case", `00-${"A".repeat(32)}-${caller}-01`],
    ["version 00 with a field more", `00-${"a".repeat(32)}-${caller}-01-later`],
    ["no version", `${"a".repeat(32)}-${caller}-01`],
    ["two in one", `00-${"a".repeat(32)}-${caller}-01, 00-${"b".repeat(32)}-${caller}-01`],
  ] as const) {
    it(`begin anew for a traceparent that is none: ${name}`, async () => {
      const { json } = await asking(container, { traceparent: header });
      assert.match(json.trace_id, /^[0-9a-f]{32}$/);
      assert.ok(!header.includes(json.trace_id));
      const spans = await collector.until((all) => of(all, json.trace_id).some((span) => span.name === "POST /query"));
      assert.equal(of(spans, json.trace_id).find((span) => span.name === "POST /query")?.parentSpanId, "");
    });
  }

  it("begin anew where the header came twice", async () => {
    const [one, two] = [newTrace(), newTrace()];
    const { status, json } = await send(container, {
      multiValueHeaders: {
        "content-type": ["application/json"],
        traceparent: [one, two].map((traceId) => `00-${traceId}-${caller}-01`),
      },
      body: JSON.stringify({ query: "how is a document deleted?" }),
    });
    assert.equal(status, 200);
    assert.match(json.trace_id, /^[0-9a-f]{32}$/);
    assert.ok(![one, two].includes(json.trace_id));
  });

  it("go on with a traceparent of a version to come, whose further fields are not read", async () => {
    const traceId = newTrace();
    const { json } = await asking(container, { traceparent: `01-${traceId}-${caller}-01-what-comes-later` });
    assert.equal(json.trace_id, traceId);
    const spans = await collector.until((all) => of(all, traceId).some(({ name }) => name === "POST /query"));
    assert.equal(of(spans, traceId).find(({ name }) => name === "POST /query")?.parentSpanId, caller);
  });

  const [amazonTime, amazonRest] = ["5759e988", "bd862e3fe1be46a994272793"];
  for (const [name, header, goesOn] of [
    ["with the sampling decided", `Root=1-${amazonTime}-${amazonRest};Sampled=1`, true],
    ["alone", `Root=1-${amazonTime}-${amazonRest}`, true],
    [
      "with all fields, in another order",
      `Self=1-${amazonTime}-${"1".repeat(24)};Parent=${caller};Root=1-${amazonTime}-${amazonRest};Lineage=a:1`,
      true,
    ],
    ["of another version", `Root=2-${amazonTime}-${amazonRest}`, false],
    ["too short", `Root=1-${amazonTime}-${amazonRest.slice(1)}`, false],
    ["of zeros", `Root=1-${"0".repeat(8)}-${"0".repeat(24)}`, false],
    ["of 64 KB", `Root=1-${amazonTime}-${amazonRest};Lineage=${"a".repeat(65_536)}`, false],
  ] as const) {
    it(`${goesOn ? "go on with" : "begin anew for"} an X-Amzn-Trace-Id ${name}, where there is no traceparent`, async () => {
      for (const more of [{}, { traceparent: "none" }]) {
        const { json } = await asking(container, { "x-amzn-trace-id": header, ...more });
        assert.match(json.trace_id, /^[0-9a-f]{32}$/);
        assert.equal(json.trace_id === amazonTime + amazonRest, goesOn);
      }
    });
  }

  it("tell of a store that is away", async () => {
    const traceId = newTrace();
    const alone = await start({ WEAVIATE_GRPC_URL: "http://127.0.0.1:9", WEAVIATE_URL: "http://127.0.0.1:9" });
    try {
      const { status } = await asking(alone, { traceparent: `00-${traceId}-${caller}-01` });
      assert.equal(status, 503);
      const spans = await collector.until((all) => of(all, traceId).some(({ name }) => name === "POST /query"));
      const root = of(spans, traceId).find(({ name }) => name === "POST /query");
      assert.ok(root?.error);
      assert.equal(root?.attributes["error.type"], "store_unavailable");
      await eventually(
        async () => alone.log(),
        (log) => log.includes(`"trace_id":"${traceId}"`) && log.includes(`"span_id":"${root?.spanId}"`),
      );
    } finally {
      await alone.stop();
    }
  });

  it("tell of a store that dies and of one that hangs, and go on whole when it is back", async () => {
    const own = await start();
    const [node] = server.nodes;
    assert.ok(node);
    const asked = async (header: string) => (await asking(own, { traceparent: header })).status;
    try {
      assert.equal(await asked(`00-${newTrace()}-${caller}-01`), 200);
      const [dead, hung, back] = [newTrace(), newTrace(), newTrace()];
      await node.kill();
      assert.ok((await asked(`00-${dead}-${caller}-01`)) >= 503);
      await node.restart();
      await eventually(
        () => asked(`00-${newTrace()}-${caller}-00`),
        (status) => status === 200,
      );
      await node.pause();
      assert.ok((await asked(`00-${hung}-${caller}-01`)) >= 503);
      node.resume();
      await eventually(
        () => asked(`00-${back}-${caller}-01`),
        (status) => status === 200,
      );
      const spans = await collector.until((all) =>
        [dead, hung, back].every((id) => of(all, id).some(({ name }) => name === "POST /query")),
      );
      assert.ok(of(spans, back).some(({ name }) => name === "search"));
      for (const id of [dead, hung]) {
        const known = new Set(of(spans, id).map(({ spanId }) => spanId));
        const root = of(spans, id).find(({ name }) => name === "POST /query");
        assert.ok(root?.error);
        for (const span of of(spans, id)) assert.ok(span === root || known.has(span.parentSpanId), span.name);
      }
    } finally {
      node.resume();
      await own.stop();
    }
  });

  it("cost no answer when the collector is away, cannot be reached, never answers, or only after seconds", async () => {
    const collectors = createServer((request, response) => {
      request.resume();
      if (request.url?.startsWith("/late") === true) setTimeout(() => response.writeHead(200).end("{}"), 3_000).unref();
    });
    await new Promise<void>((resolve) => collectors.listen(0, "127.0.0.1", resolve));
    const here = `http://127.0.0.1:${(collectors.address() as AddressInfo).port}`;
    try {
      for (const endpoint of ["http://127.0.0.1:9", "http://192.0.2.1:4318", `${here}/never`, `${here}/late`]) {
        const own = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: "200" });
        try {
          for (let request = 0; request < 5; request++) assert.equal((await ask(own)).status, 200, endpoint);
        } finally {
          await own.stop();
        }
      }
    } finally {
      collectors.closeAllConnections();
      collectors.close();
    }
  });

  it("are not even loaded where nobody wants them", async () => {
    const folder = packaged.folder;
    const chunks = readdirSync(folder).filter((name) => name.endsWith(".js"));
    const telemetry = chunks.filter((name) =>
      /resourceSpans|isthmus-telemetry/.test(readFileSync(join(folder, name), "utf8")),
    );
    assert.ok(telemetry.length > 0);
    const gzipped = telemetry.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
    assert.ok(gzipped <= 15 * 1024, `${gzipped} bytes gzipped`);
    for (const name of telemetry) renameSync(join(folder, name), join(folder, `${name}.away`));
    const off = await startContainer({
      folder,
      environment: {
        WEAVIATE_URL: server.url,
        WEAVIATE_GRPC_URL: server.grpcUrl,
        WEAVIATE_API_KEY: server.keys.reader,
      },
    });
    try {
      assert.equal((await ask(off)).status, 200);
    } finally {
      await off.stop();
      for (const name of telemetry) renameSync(join(folder, `${name}.away`), join(folder, name));
    }
  });

  it("hold neither a question, nor a text, nor a key", () => {
    const raw = collector.raw();
    for (const secret of ["canaryinquery", "canaryindocument", server.keys.reader, server.keys.writer]) {
      assert.ok(!raw.includes(secret), `${secret} left the machine`);
    }
    assert.ok(raw.includes("faas.coldstarts"), "cold starts are counted");
    assert.deepEqual(unlisted(collector.spans().filter(({ service }) => service !== "weaviate")), []);
  });
});
