import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readConsole } from "../compose/console.ts";
import { readProblem, sendRaw, serveFake } from "./server-testing.ts";

describe("GET /", () => {
  it("is the console for browsers, under a policy that lets it load its own files and nothing else", async () => {
    await using server = await serveFake({}, { console: readConsole() });
    const response = await fetch(server.url, { headers: { accept: "text/html,*/*" } });
    const html = await response.text();
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'; script-src 'self';/);
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
    assert.deepEqual(
      loaded.filter((path) => !path.startsWith("data:")),
      ["app.css", "app.js"],
    );
    assert.doesNotMatch(html, /<style|\sstyle=|<script>|\son\w+=/);
    for (const [path, type] of [
      ["/app.js", "text/javascript; charset=utf-8"],
      ["/app.css", "text/css; charset=utf-8"],
      ["/licences.txt", "text/plain; charset=utf-8"],
    ]) {
      const asset = await fetch(`${server.url}${path}`);
      assert.deepEqual([asset.status, asset.headers.get("content-type")], [200, type]);
      assert.equal(asset.headers.get("x-content-type-options"), "nosniff");
    }
  });

  it("is no page where there is no console", async () => {
    await using server = await serveFake();
    const response = await fetch(server.url, { headers: { accept: "text/html,*/*" } });
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal((await fetch(`${server.url}/app.js`)).status, 404);
  });

  it("is a short list in JSON for everything else", async () => {
    await using server = await serveFake();
    const response = await fetch(server.url);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.match(await response.text(), /openapi\.json/);
  });
});

describe("paths and methods", () => {
  it("answers 404 to what is not there", async () => {
    await using server = await serveFake();
    for (const path of ["/nothing", "/query/", "/QUERY", "/%00", "/%zz", "/query%2f", "/a/../../etc/passwd"]) {
      const response = await fetch(server.url + path, { method: "POST" });
      assert.equal(response.status, 404, path);
      assert.equal((await readProblem(response)).code, "not_found");
    }
  });

  it("answers 405 with what is allowed", async () => {
    await using server = await serveFake();
    for (const [method, path, allow] of [
      ["GET", "/query", "POST, OPTIONS"],
      ["PUT", "/query", "POST, OPTIONS"],
      ["DELETE", "/documents", "GET, HEAD, OPTIONS"],
      ["POST", "/healthz", "GET, HEAD, OPTIONS"],
      ["PROPFIND", "/", "GET, HEAD, OPTIONS"],
    ] as const) {
      const response = await fetch(server.url + path, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), allow);
      assert.equal((await readProblem(response)).code, "method_not_allowed");
    }
  });

  it("answers HEAD as GET without a body, and OPTIONS with what is allowed", async () => {
    await using server = await serveFake();
    for (const path of ["/", "/documents", "/healthz", "/readyz", "/openapi.json"]) {
      const head = await fetch(server.url + path, { method: "HEAD" });
      assert.equal(head.status, 200, path);
      assert.equal(await head.text(), "");
      const options = await fetch(server.url + path, { method: "OPTIONS" });
      assert.equal(options.status, 204);
      assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
    }
    assert.equal((await fetch(`${server.url}/query`, { method: "HEAD" })).status, 405);
    assert.equal((await fetch(`${server.url}/query`, { method: "OPTIONS" })).headers.get("allow"), "POST, OPTIONS");
  });

  it("keeps query and keys out of the log's record", async () => {
    await using server = await serveFake();
    await server.ask({ query: "zebra" }, { "x-api-key": "zebra" });
    await fetch(`${server.url}/zebra?zebra=1`);
    await sendRaw(server.port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert.deepEqual(
      server.records.map(({ method, route, status, code }) => ({ method, route, status, code })),
      [
        { method: "POST", route: "/query", status: 200, code: undefined },
        { method: "GET", route: "", status: 404, code: "not_found" },
        { method: "GET", route: "/healthz", status: 200, code: undefined },
      ],
    );
    assert.ok(!JSON.stringify(server.records).includes("zebra"));
  });

  it("answers all the same when the log fails", async () => {
    const onRequest = () => {
      throw new Error("disk full");
    };
    await using server = await serveFake({}, { onRequest });
    assert.equal((await server.ask({ query: "a" })).status, 200);
  });
});
