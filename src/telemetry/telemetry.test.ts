import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { OpenAttempt, Store, StoreReader } from "../core/ports.ts";
import { newTraceId, type TraceParent } from "../core/trace-context.ts";
import type { Commit } from "../core/types.ts";
import { createTelemetry } from "./telemetry.ts";

type Settings = Parameters<typeof createTelemetry>[0];
const service = { name: "tested", version: "1" };
const settings: Settings = {
  traces: undefined,
  metrics: undefined,
  headers: {},
  timeoutMs: 60_000,
  caCertificate: undefined,
  ratio: 1,
  serviceName: undefined,
  resource: {},
  prometheus: true,
};
const record = { method: "POST", route: "/query", status: 200 };
const caller = (): TraceParent => ({ traceId: newTraceId(), parentId: "00f067aa0ba902b7", sampled: true });

async function collectorThat(context: TestContext, answer: (response: ServerResponse) => void) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      bodies.push(body);
      answer(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies };
}

const taking = (response: ServerResponse) => response.writeHead(200).end("{}");
const afterMs = (milliseconds: number) => (response: ServerResponse) => {
  setTimeout(() => taking(response), milliseconds).unref();
};
const spansIn = (bodies: readonly string[]) =>
  bodies.flatMap(
    (body) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans as { name: string; traceId: string }[],
  );

describe("a collector that does not do its part costs spans, and nothing else", () => {
  const kinds: readonly (readonly [string, (context: TestContext) => Promise<string>])[] = [
    ["away", async () => "http://127.0.0.1:9/v1/traces"],
    [
      "that never answers",
      async (context) => {
        const server = createTcpServer(() => {});
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        context.after(() => server.close());
        server.unref();
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
      },
    ],
    [
      "that refuses",
      async (context) => (await collectorThat(context, (response) => response.writeHead(503).end())).url,
    ],
    [
      "that is full",
      async (context) => (await collectorThat(context, (response) => response.writeHead(429).end())).url,
    ],
    [
      "that is slow, and answers when nobody waits any more",
      async (context) => (await collectorThat(context, afterMs(2_000))).url,
    ],
    ["that breaks off", async (context) => (await collectorThat(context, (response) => response.destroy())).url],
  ];
  for (const [name, start] of kinds) {
    it(`${name}: 10,000 requests, no error, no growth`, async (context) => {
      setFlagsFromString("--expose-gc");
      const collect = runInNewContext("gc") as () => void;
      const telemetry = createTelemetry({ ...settings, traces: await start(context), timeoutMs: 100 }, service);
      const some = async (count: number) => {
        for (let at = 0; at < count; at++) {
          await telemetry.request(
            caller(),
            {},
            () => telemetry.span("search", async () => record),
            () => record,
          );
          // So that what is sent has its turn.
          if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        collect();
        return process.memoryUsage().heapUsed;
      };
      const early = await some(4_000);
      const late = await some(10_000);
      const grownMb = (late - early) / 2 ** 20;
      // 20,000 spans kept would be 10 MB and more.
      assert.ok(grownMb < 6, `${grownMb.toFixed(1)} MB`);
      const { text } = telemetry.exposition?.("") ?? { text: "" };
      const dropped = Number(/^isthmus_telemetry_dropped_total (\d+)$/m.exec(text)?.[1]);
      assert.ok(dropped >= 28_000 - 4_096 - 512, `${dropped} were given up`);
      await telemetry.close();
    });
  }

  it("sends all of it to one that takes it", async (context) => {
    const { url, bodies } = await collectorThat(context, taking);
    const telemetry = createTelemetry({ ...settings, traces: url }, service);
    for (let at = 0; at < 300; at++)
      await telemetry.request(
        caller(),
        {},
        async () => record,
        () => record,
      );
    await telemetry.close();
    assert.equal(spansIn(bodies).length, 300);
  });
});

describe("what is told", () => {
  it("in whole batches while it works, and the rest to who asks for it", async (context) => {
    const { url, bodies } = await collectorThat(context, taking);
    const telemetry = createTelemetry({ ...settings, traces: url }, { ...service, everyMs: 600_000 });
    for (let at = 0; at < 4_000; at++) {
      await telemetry.span("search", async () => {});
      // So that answers come in between.
      if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await telemetry.flush();
    const sizes = bodies.map((body) => spansIn([body]).length);
    assert.deepEqual(
      sizes.slice(0, 7),
      Array.from({ length: 7 }, () => 512),
    );
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      4_000,
    );
    await telemetry.close();
  });

  it("says which process it is, so that the counts of two containers are two series", async (context) => {
    const { url, bodies } = await collectorThat(context, taking);
    for (const resource of [{}, {}, { "service.instance.id": "named" }]) {
      const telemetry = createTelemetry({ ...settings, metrics: url, resource }, service);
      await telemetry.flush();
      await telemetry.close();
    }
    const instances = bodies.map((body) => {
      const { attributes } = JSON.parse(body).resourceMetrics[0].resource as {
        attributes: { key: string; value: { stringValue: string } }[];
      };
      return attributes.find(({ key }) => key === "service.instance.id")?.value.stringValue;
    });
    assert.equal(instances.length, 6, "each was sent twice");
    assert.equal(new Set(instances).size, 3);
    assert.equal(instances[0], instances[1]);
    assert.equal(instances.at(-1), "named");
  });

  it("a method that nobody knows is told by no name", async () => {
    const telemetry = createTelemetry(settings, service);
    await telemetry.request(
      caller(),
      {},
      async () => record,
      () => ({ ...record, method: "CANARY", route: "" }),
    );
    const { text } = telemetry.exposition?.("") ?? { text: "" };
    assert.match(text, /http_request_method="_OTHER"/);
    assert.ok(!text.includes("CANARY"));
  });

  it("a caller's word on keeping goes before the ratio; of roots a share is kept, by the id alone", async (context) => {
    const { url, bodies } = await collectorThat(context, taking);
    const telemetry = createTelemetry({ ...settings, traces: url, ratio: 0.25 }, service);
    const ask = (parent: TraceParent) =>
      telemetry.request(
        parent,
        {},
        async () => record,
        () => record,
      );
    const [kept, unkept] = [caller(), { ...caller(), sampled: false }];
    await ask(kept);
    await ask(unkept);
    const roots = Array.from({ length: 400 }, () => newTraceId());
    for (const traceId of roots) await ask({ traceId });
    await telemetry.close();
    const ids = new Set(spansIn(bodies).map(({ traceId }) => traceId));
    assert.ok(ids.has(kept.traceId) && !ids.has(unkept.traceId));
    const share = roots.filter((id) => Number.parseInt(id.slice(-13), 16) < 0.25 * 16 ** 13);
    assert.equal(ids.size, 1 + share.length);
  });

  it("chunks that the manifest turned away, and commits that another stood above", async () => {
    const telemetry = createTelemetry(settings, service);
    const commit = { updatedAt: new Date().toISOString() } as Commit;
    const open = {
      id: "1",
      put: async () => {},
      commit: async (row: Commit) => ({ row: { ...row, attempt: "1" }, supersededBy: { ...row, attempt: "2" } }),
      abandon: async () => {},
    } as OpenAttempt;
    const reader = {
      search: async (...[, , met]: Parameters<StoreReader["search"]>) => {
        met?.([{ uri: "a", reason: "older", passages: 3 }] as unknown as Parameters<typeof met>[0]);
        return [];
      },
    };
    const store = {
      name: "sqlite",
      openReader: async () => reader,
      openWriter: async () => ({ begin: () => open }),
    } as unknown as Store;
    const writer = await telemetry.store(store).openWriter({ model: "m", dimensions: 1, revision: "r" });
    await writer.begin({ order: { reindex: 0 } } as Parameters<typeof writer.begin>[0]).commit(commit);
    const identity = { model: "m", dimensions: 1, revision: "r" };
    await (await telemetry.store(store).openReader(identity)).search({ mode: "keyword", limit: 1 });
    const { text } = telemetry.exposition?.("") ?? { text: "" };
    assert.match(text, /^isthmus_search_turned_away_total 3$/m);
    assert.match(text, /^isthmus_commits_superseded_total 1$/m);
    assert.doesNotMatch(text, /^isthmus_freshness_seconds_count/m);
  });

  it("tokens that a generator used, and the code of what it failed by", async () => {
    const telemetry = createTelemetry(settings, service);
    const limits = { maxPassageTokens: 1, maxOutputTokens: 1, maxConcurrency: 1 };
    const request = { question: "canary?", passages: [], evidence: [], maxSentences: 1, maxOutputTokens: 1 };
    const generator = telemetry.generator({
      name: "m",
      limits,
      price: { inputDollars: 2, outputDollars: 10, asOf: "2026-03" },
      async *generate() {
        yield { kind: "usage", usage: { inputTokens: 7, outputTokens: 2 } } as const;
        throw new RangeError("canary");
      },
      close: async () => {},
    });
    await assert.rejects(async () => {
      for await (const _ of generator.generate(request));
    }, RangeError);
    const { text } = telemetry.exposition?.("") ?? { text: "" };
    assert.match(text, /^isthmus_generate_tokens_total\{.*gen_ai_token_type="input"\} 7$/m);
    assert.match(text, /^isthmus_generate_tokens_total\{.*gen_ai_token_type="output"\} 2$/m);
    assert.match(text, /^isthmus_generate_dollars_total\{.*\} 0.000034$/m);
    assert.match(text, /^isthmus_generate_duration_seconds_count\{.*error_type="RangeError"\} 1$/m);
    assert.ok(!text.includes("canary"));
  });

  it("an answer that is written piece by piece is over with its last piece", async () => {
    const telemetry = createTelemetry(settings, service);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    await telemetry.request(
      caller(),
      {},
      async () => record,
      () => ({ ...record, ended }),
    );
    const shown = () => telemetry.exposition?.("").text ?? "";
    assert.match(shown(), /^http_server_active_requests 1$/m);
    assert.doesNotMatch(shown(), /^http_server_request_duration_seconds_count/m);
    resolve();
    await ended;
    await new Promise((done) => setImmediate(done));
    assert.match(shown(), /^http_server_active_requests 0$/m);
    assert.match(shown(), /^http_server_request_duration_seconds_count\{.*\} 1$/m);
  });

  it("exemplars to who reads OpenMetrics, and to nobody else", async () => {
    const telemetry = createTelemetry(settings, service);
    const parent = caller();
    await telemetry.request(
      parent,
      {},
      async () => record,
      () => record,
    );
    const open = telemetry.exposition?.("application/openmetrics-text; version=1.0.0");
    assert.match(open?.text ?? "", new RegExp(`_bucket\\{.*\\} 1 # \\{trace_id="${parent.traceId}"`));
    assert.match(open?.text ?? "", /# EOF\n$/);
    assert.ok(!telemetry.exposition?.("text/plain").text.includes(parent.traceId));
  });
});
