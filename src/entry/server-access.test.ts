import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import { createApp } from "../http/app.ts";
import { createFakeEngine } from "../http/fake-engine.ts";
import { readProblem, serveFake } from "./server-testing.ts";

describe("API keys", () => {
  const apiKeys = ["first-key", "zweiter-schlüssel"];
  const bytes = Buffer.from("zweiter-schlüssel", "utf8").toString("latin1");

  for (const [name, headers, status] of [
    ["no key", {}, 401],
    ["a wrong key", { "x-api-key": "first-kez" }, 401],
    ["an empty key", { "x-api-key": "" }, 401],
    ["the start of a key", { "x-api-key": "first" }, 401],
    ["two keys in one header", { "x-api-key": "first-key, first-key" }, 401],
    ["a key under Basic", { authorization: "Basic first-key" }, 401],
    ["Bearer without a key", { authorization: "Bearer" }, 401],
    ["the first key", { "x-api-key": "first-key" }, 200],
    ["the first key as Bearer", { authorization: "Bearer first-key" }, 200],
    ["the first key as bearer", { authorization: "bearer  first-key" }, 200],
    ["the second key, in UTF-8", { "x-api-key": bytes }, 200],
    ["a wrong key beside a right one", { "x-api-key": "wrong", authorization: "Bearer first-key" }, 200],
  ] as const) {
    it(`answers ${status} to ${name}`, async () => {
      await using server = await serveFake({}, { apiKeys });
      const response = await server.ask({ query: "a" }, headers);
      assert.equal(response.status, status);
      if (status === 401) {
        assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer realm="isthmus"/);
        assert.equal((await readProblem(response)).code, "unauthenticated");
        assert.equal(server.asked.length, 0);
      }
      assert.equal((await fetch(`${server.url}/documents`, { headers })).status, status);
    });
  }

  it("are not needed for what tells nothing of the documents", async () => {
    await using server = await serveFake({}, { apiKeys });
    for (const path of ["/", "/healthz", "/readyz", "/openapi.json"]) {
      assert.equal((await fetch(server.url + path)).status, 200, path);
    }
  });

  it("may not be empty, or every request would match", () => {
    for (const key of ["", " "]) {
      const dependencies = { engine: createFakeEngine(), maxConcurrency: 1, version: "1", deadlineMs: 1 };
      assert.throws(() => createApp({ ...dependencies, apiKeys: ["good", key] }), { code: "config_invalid" });
    }
  });
});

/** `fetch` sets Host and Origin itself; a browser under attack does not ask either. */
function send(port: number, headers: Record<string, string>): Promise<{ status: number; code: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path: "/query", method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, code: /"code":"(\w+)"/.exec(text)?.[1] });
      });
    });
    sent.on("error", reject);
    sent.setHeader("content-type", "application/json");
    sent.end('{"query":"a"}');
  });
}

describe("Host and Origin on loopback", () => {
  for (const [name, host, origin, expected] of [
    ["the address", "127.0.0.1:{port}", undefined, "200"],
    ["localhost", "localhost:{port}", undefined, "200"],
    ["localhost in capitals", "LocalHost:{port}", undefined, "200"],
    ["the IPv6 address", "[::1]:{port}", undefined, "200"],
    ["another loopback address", "127.0.0.2:{port}", undefined, "200"],
    ["no port", "localhost", undefined, "200"],
    ["its own page", "127.0.0.1:{port}", "http://127.0.0.1:{port}", "200"],
    ["a rebound name", "evil.example:{port}", undefined, "host_not_allowed"],
    ["a rebound name with its own page", "evil.example:{port}", "http://evil.example:{port}", "host_not_allowed"],
    ["a name that starts like ours", "localhost.evil.example", undefined, "host_not_allowed"],
    ["a name that starts like our address", "127.0.0.1.evil.example", undefined, "host_not_allowed"],
    ["the public address of anything", "0.0.0.0:{port}", undefined, "host_not_allowed"],
    ["a foreign page", "127.0.0.1:{port}", "https://evil.example", "origin_not_allowed"],
    ["a page on another port", "127.0.0.1:{port}", "http://127.0.0.1:1", "origin_not_allowed"],
    ["a page under our other name", "127.0.0.1:{port}", "http://localhost:{port}", "origin_not_allowed"],
    ["a page from a file", "127.0.0.1:{port}", "null", "origin_not_allowed"],
  ] as const) {
    it(`answers ${expected} to ${name}`, async () => {
      await using server = await serveFake();
      const fill = (text: string) => text.replace("{port}", String(server.port));
      const answer = await send(server.port, {
        host: fill(host),
        ...(origin === undefined ? {} : { origin: fill(origin) }),
      });
      assert.deepEqual(answer, expected === "200" ? { status: 200, code: undefined } : { status: 403, code: expected });
    });
  }

  it("are not looked at where the name is public", async () => {
    const app = createApp({
      engine: createFakeEngine(),
      apiKeys: ["k"],
      maxConcurrency: 1,
      version: "1",
      deadlineMs: 1000,
    });
    const response = await app.request("https://api.example/query", {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "k", origin: "https://elsewhere.example" },
      body: '{"query":"a"}',
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  });
});

describe("pages of configured origins", () => {
  const corsOrigins = ["https://console.example"];

  it("may ask first and then call", async () => {
    await using server = await serveFake({}, { corsOrigins });
    const headers = { origin: "https://console.example" };
    const preflight = await fetch(`${server.url}/query`, { method: "OPTIONS", headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "https://console.example");
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /x-api-key/);
    const response = await server.ask({ query: "a" }, headers);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), "https://console.example");
    assert.equal(response.headers.get("vary"), "Origin");
  });

  it("can read problems too, and other origins nothing", async () => {
    await using server = await serveFake({}, { corsOrigins });
    const bad = await server.ask({}, { origin: "https://console.example" });
    assert.equal(bad.status, 400);
    assert.equal(bad.headers.get("access-control-allow-origin"), "https://console.example");
    const other = await server.ask({ query: "a" }, { origin: "https://evil.example" });
    assert.equal(other.status, 403);
    assert.equal(other.headers.get("access-control-allow-origin"), null);
  });
});
