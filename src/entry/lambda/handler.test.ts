import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../../core/errors.ts";
import { createApp } from "../../http/app.ts";
import type { AppDependencies } from "../../http/dependencies.ts";
import { createFakeEngine, fakeResult } from "../../http/fake-engine.ts";
import { createHandler } from "./handler.ts";

const origin = "https://console.example.org";

function handlerWith(overrides: Partial<AppDependencies> = {}) {
  const reported: unknown[] = [];
  const app = createApp({
    engine: createFakeEngine(),
    apiKeys: [],
    keysCheckedBefore: true,
    maxConcurrency: 8,
    version: "1.2.3",
    corsOrigins: [origin],
    deadlineMs: 15_000,
    ...overrides,
  });
  const handler = createHandler({ app, corsOrigins: [origin], report: (error) => void reported.push(error) });
  return {
    reported,
    async call(event: object, remainingMs = 30_000) {
      const result = await handler(
        { httpMethod: "POST", path: "/query", headers: { "content-type": "application/json", origin }, ...event },
        { getRemainingTimeInMillis: () => remainingMs },
      );
      assert.equal(result.headers["access-control-allow-origin"], origin);
      assert.match(result.headers["x-trace-id"] ?? "", /^[0-9a-f]{32}$/);
      return { status: result.statusCode, headers: result.headers, json: JSON.parse(result.body || "null") };
    },
  };
}

const good = { body: '{"query":"keys"}' };
const headers = { origin, "content-type": "application/json" };

describe("the handler answers with the status and the code of the API, and lets the named origin read it", () => {
  const cases: [string, object, number, string | undefined][] = [
    ["a query", good, 200, undefined],
    ["a query in base64", { body: Buffer.from(good.body).toString("base64"), isBase64Encoded: true }, 200, undefined],
    ["no body", { body: null }, 400, "invalid_json"],
    ["an empty body", { body: "" }, 400, "invalid_json"],
    ["broken JSON", { body: "{" }, 400, "invalid_json"],
    ["no query", { body: "{}" }, 400, "query_invalid"],
    ["an empty query", { body: '{"query":" "}' }, 400, "query_invalid"],
    ["a query of the wrong type", { body: '{"query":7}' }, 400, "query_invalid"],
    ["a query that is too long", { body: JSON.stringify({ query: "a".repeat(2001) }) }, 400, "query_invalid"],
    ["a k over 50", { body: '{"query":"a","k":51}' }, 400, "query_invalid"],
    ["an unknown field", { body: '{"query":"a","limit":5}' }, 400, "query_invalid"],
    ["a body over 64 KiB", { body: JSON.stringify({ query: "a".repeat(65_536) }) }, 413, "body_too_large"],
    [
      "another media type",
      { ...good, headers: { origin, "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
    ],
    ["another path", { path: "/nothing" }, 404, "not_found"],
    ["another method", { httpMethod: "PUT" }, 405, "method_not_allowed"],
    ["a method that is none", { httpMethod: "TRACE" }, 400, "bad_request"],
    ["health", { httpMethod: "GET", path: "/healthz" }, 200, undefined],
    ["readiness", { httpMethod: "GET", path: "/readyz" }, 200, undefined],
    ["a preflight", { httpMethod: "OPTIONS", headers: { origin } }, 204, undefined],
  ];
  for (const [name, event, status, code] of cases) {
    it(`${name}: ${status}${code === undefined ? "" : ` ${code}`}`, async () => {
      const answer = await handlerWith().call({ headers, ...event });
      assert.equal(answer.status, status);
      assert.equal(answer.json?.code, code);
      if (code !== undefined) assert.equal(answer.headers["content-type"], "application/problem+json");
    });
  }

  it("results are those of the engine", async () => {
    const { headers: sent, json } = await handlerWith().call(good);
    assert.deepEqual(json.results[0].content, fakeResult.results[0]?.content);
    assert.equal(sent["server-timing"], "embed;dur=1.00, search;dur=0.20");
  });

  for (const [code, status, problem] of [
    ["store_unavailable", 503, "store_unavailable"],
    ["model_damaged", 500, "not_initialised"],
    ["config_invalid", 500, "not_initialised"],
  ] as const) {
    it(`an engine that does not start (${code}): ${status} ${problem}, and the next request tries again`, async () => {
      let broken = true;
      const { call } = handlerWith({
        engine: async () => {
          if (broken) throw new IsthmusError(code, "canary address");
          return createFakeEngine();
        },
      });
      const answer = await call(good);
      assert.deepEqual([answer.status, answer.json.code], [status, problem]);
      assert.doesNotMatch(JSON.stringify(answer), /canary/);
      assert.equal(answer.headers["retry-after"] !== undefined, status === 503);
      broken = false;
      assert.equal((await call(good)).status, 200);
    });
  }

  it("a slow store: 504 when the time that Lambda leaves is over, half a second before its end", {
    timeout: 30_000,
  }, async () => {
    const forever = () => new Promise<never>(() => {});
    // Only what Lambda leaves can end it: the app's own limit lies far behind.
    const { call } = handlerWith({
      engine: createFakeEngine({ search: forever, check: forever }),
      deadlineMs: 60_000,
    });
    const answer = await call(good, 600);
    assert.deepEqual([answer.status, answer.json.code], [504, "deadline_exceeded"]);
    assert.equal((await call(good, 0)).status, 504);
    assert.equal((await call({ httpMethod: "GET", path: "/readyz" }, 600)).json.code, "not_ready");
  });

  it("what the app itself does not catch: 500, told to the log and not to the client", async () => {
    const reported: unknown[] = [];
    const failing = createHandler({
      app: { fetch: () => Promise.reject(new Error("canary")) },
      corsOrigins: [origin],
      report: (error) => void reported.push(error),
    });
    const result = await failing(
      { httpMethod: "GET", path: "/", headers: { origin } },
      { getRemainingTimeInMillis: () => 1000 },
    );
    assert.equal(result.statusCode, 500);
    assert.equal(result.headers["access-control-allow-origin"], origin);
    assert.doesNotMatch(JSON.stringify(result), /canary/);
    assert.equal(reported.length, 1);
  });

  it("another origin may not read it", async () => {
    const handler = createHandler({
      app: createApp({
        engine: createFakeEngine(),
        apiKeys: [],
        maxConcurrency: 1,
        version: "1",
        deadlineMs: 1000,
        corsOrigins: [origin],
      }),
      corsOrigins: [origin],
      report: () => {},
    });
    for (const path of ["/query", "/healthz"]) {
      const result = await handler(
        { httpMethod: path === "/query" ? "TRACE" : "GET", path, headers: { origin: "https://evil.example" } },
        { getRemainingTimeInMillis: () => 1000 },
      );
      assert.equal(result.headers["access-control-allow-origin"], undefined);
      assert.equal(result.headers["vary"], "Origin");
    }
  });

  it("its OpenAPI document tells of the gateway: a key in one header, and only what the gateway passes on", async () => {
    const { json } = await handlerWith().call({ httpMethod: "GET", path: "/openapi.json" });
    assert.deepEqual(Object.keys(json.paths), [
      "/query",
      "/documents",
      "/document",
      "/healthz",
      "/readyz",
      "/openapi.json",
    ]);
    assert.deepEqual(json.components.securitySchemes, { apiKey: { type: "apiKey", in: "header", name: "x-api-key" } });
    assert.deepEqual(json.paths["/query"].post.security, [{ apiKey: [] }]);
    assert.deepEqual(json.servers, [{ url: "." }]);
  });
});
