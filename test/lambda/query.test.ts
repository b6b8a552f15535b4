import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { createDesk } from "../support/cli.ts";
import { fc } from "../support/fast-check.ts";
import type { Container } from "../support/lambda/container.ts";
import {
  ask,
  corsOrigin,
  type Deployment,
  deploymentSkip,
  gatewayKey,
  send,
  startDeployment,
} from "../support/lambda/deployment.ts";
import type { Gateway } from "../support/lambda/gateway.ts";
import { oddBody, oddHeaders } from "../support/odd-requests.ts";

const skip = await deploymentSkip();

const questions = [
  { query: "How is a document deleted?" },
  { query: "What happens after a crash?", k: 10, mode: "vector" },
  { query: "SHA256SUMS checksum", k: 5, mode: "keyword" },
  { query: "filter by metadata", k: 50, mode: "hybrid" },
  { query: "port 3000", filter: { uri: "file:///" } },
  { query: "Wie wird ein Dokument gelöscht?", k: 5 },
  { query: "удалить документ μεγάλες Isthmus", k: 5, mode: "keyword" },
  { query: "nothing has this", filter: { metadata: { team: ["a", "b"] } } },
] as const;

describe("the query function behind its gateway", { skip }, () => {
  let deployment: Deployment;
  let gateway: Gateway;
  let container: Container;
  before(async () => {
    deployment = await startDeployment();
    gateway = await deployment.gateway(deployment.deployed(8));
    container = await deployment.container();
  });
  after(() => deployment.stop());

  const call = (path: string, request: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${gateway.url}${path}`, {
      method: "POST",
      ...request,
      headers: { "content-type": "application/json", "x-api-key": gatewayKey, origin: corsOrigin, ...request.headers },
    });

  const good = '{"query":"How is a document deleted?"}';
  const cases: [string, string, RequestInit & { headers?: Record<string, string> }, number, string | undefined][] = [
    ["a query", "/query", { body: good }, 200, undefined],
    ["no body", "/query", {}, 400, "query_invalid"],
    ["an empty body", "/query", { body: "" }, 400, "query_invalid"],
    ["broken JSON", "/query", { body: '{"query":' }, 400, "query_invalid"],
    ["no query", "/query", { body: '{"q":"a"}' }, 400, "query_invalid"],
    ["an empty query", "/query", { body: '{"query":""}' }, 400, "query_invalid"],
    ["a wrong type", "/query", { body: '{"query":["a"]}' }, 400, "query_invalid"],
    ["a query that is too long", "/query", { body: JSON.stringify({ query: "a".repeat(2001) }) }, 400, "query_invalid"],
    ["a k of the wrong type", "/query", { body: '{"query":"a","k":"3"}' }, 400, "query_invalid"],
    ["over 64 KiB", "/query", { body: JSON.stringify({ query: "a".repeat(65_536) }) }, 413, "body_too_large"],
    ["over 10 MiB", "/query", { body: "a".repeat(10 * 2 ** 20 + 1) }, 413, "body_too_large"],
    [
      "another media type",
      "/query",
      { body: good, headers: { "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
    ],
    ["another method", "/query", { method: "PUT", body: good }, 404, "not_found"],
    ["another path", "/metrics", { method: "GET" }, 404, "not_found"],
    ["no key", "/query", { body: good, headers: { "x-api-key": "" } }, 403, "forbidden"],
    ["a wrong key", "/query", { body: good, headers: { "x-api-key": "wrong" } }, 403, "forbidden"],
    ["health without a key", "/healthz", { method: "GET", headers: { "x-api-key": "" } }, 200, undefined],
    ["readiness without a key", "/readyz", { method: "GET", headers: { "x-api-key": "" } }, 200, undefined],
    ["the OpenAPI document", "/openapi.json", { method: "GET" }, 200, undefined],
  ];
  for (const [name, path, request, status, code] of cases) {
    it(`${name}: ${status}${code === undefined ? "" : ` ${code}`}, readable by the named origin`, async () => {
      const response = await call(path, request);
      const json = (await response.json()) as { code?: string; status?: number; field?: string };
      assert.equal(response.status, status, JSON.stringify(json));
      assert.equal(json.code, code);
      if (code !== undefined) assert.equal(json.status, status);
      if (code === "query_invalid") assert.ok(json.field, "the field is named");
      assert.equal(response.headers.get("access-control-allow-origin"), corsOrigin);
    });
  }

  it("a preflight is answered by the gateway, with the named origin alone", async () => {
    for (const origin of [corsOrigin, "https://evil.example"]) {
      const response = await call("/query", { method: "OPTIONS", headers: { origin, "x-api-key": "" } });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("access-control-allow-origin"), corsOrigin);
    }
  });

  it("a throttled key gets 429 with Retry-After", async () => {
    const throttled = await deployment.gateway(deployment.deployed(1), {
      throttle: { ratePerSecond: 0.001, burst: 1 },
    });
    const statuses: number[] = [];
    for (let count = 0; count < 2; count++) {
      const headers = { "x-api-key": gatewayKey, "content-type": "application/json" };
      const response = await fetch(`${throttled.url}/query`, { method: "POST", body: good, headers });
      statuses.push(response.status);
      if (response.status === 429) assert.equal(response.headers.get("retry-after"), "1");
      await response.text();
    }
    assert.deepEqual(statuses, [200, 429]);
  });

  it("gives the same results as the local server on the same collection", async () => {
    const desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: deployment.weaviate.url,
      WEAVIATE_GRPC_URL: deployment.weaviate.grpcUrl,
      WEAVIATE_API_KEY: deployment.weaviate.keys.reader,
    });
    try {
      const [url = ""] = await desk.start("serve").seen(/http:\/\/127\.0\.0\.1:\d+/);
      let found = 0;
      for (const question of questions) {
        const local = await fetch(`${url}/query`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(question),
        });
        const expected = (await local.json()) as { results: unknown[] };
        const answer = await ask(container, question.query, question);
        assert.equal(answer.status, 200, container.log());
        assert.deepEqual(answer.json.results, expected.results, question.query);
        found += expected.results.length;
      }
      assert.ok(found > 50, `${found} results in all`);
    } finally {
      await desk.clear();
    }
  });

  it("loses none of 1,000 queries over 8 connections", async () => {
    const statuses = new Map<number, number>();
    let next = 0;
    const client = async () => {
      for (let index = next++; index < 1000; index = next++) {
        const { query, ...rest } = questions[index % questions.length] ?? questions[0];
        const response = await call("/query", { body: JSON.stringify({ query: `${query} ${index}`, ...rest }) });
        const { results } = (await response.json()) as { results?: unknown[] };
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + (Array.isArray(results) ? 1 : 0));
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    assert.deepEqual([...statuses], [[200, 1000]]);
  });

  it("answers 10,000 odd bodies and headers, with no 5xx, in flat memory", async () => {
    // A small heap, so that what grows is what is kept and not what is yet to be collected.
    const environment = { NODE_OPTIONS: "--max-semi-space-size=4 --max-old-space-size=192" };
    const container = await deployment.container({ environment });
    const statuses = new Map<number, number>();
    const memory: number[] = [];
    let count = 0;
    await fc.assert(
      fc.asyncProperty(oddBody, oddHeaders, fc.boolean(), async (body, headers, isBase64Encoded) => {
        const { status, json } = await send(container, {
          headers: Object.fromEntries(headers),
          body: body.toString(isBase64Encoded ? "base64" : "utf8"),
          isBase64Encoded,
        });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        assert.ok([200, 400, 413, 415].includes(status), `${status} ${JSON.stringify(json)} ${container.log()}`);
        if (++count % 2000 === 0) memory.push(residentBytes(container.pid));
      }),
      { numRuns: 10_000 },
    );
    for (const status of [200, 400, 415]) assert.ok((statuses.get(status) ?? 0) >= 100, `${status} was hardly met`);
    const [early = 0] = memory;
    const late = memory.at(-1) ?? 0;
    assert.ok(late < early + 24 * 2 ** 20, `from ${early} to ${late} bytes after 2,000 and 10,000 requests`);
    assert.equal(container.log(), "");
  });
});

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
