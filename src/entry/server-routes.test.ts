import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import type { DocumentRow, FailureRow, ManifestEntry } from "../core/types.ts";
import { documentsResponse } from "../http/schemas/documents.ts";
import { healthResponse, readyResponse } from "../http/schemas/health.ts";
import { readAs, readProblem, sendRaw, serveFake } from "./server-testing.ts";

function row(uri: string): DocumentRow {
  return {
    uri,
    order: { generation: 1, reindex: 0 },
    version: "v1",
    fingerprint: "f",
    state: "indexed",
    title: "A title",
    size: 12,
    contentType: "text/csv",
    updatedAt: "2026-01-01T00:00:00Z",
    committedAt: "2026-01-02T00:00:00Z",
    chunks: 2,
    records: 3,
    faultCount: 1,
    faults: [{ kind: "fault", id: "7", code: "record_invalid", reason: "No text." }],
  };
}

function failure(uri: string, state: "failed" | "skipped"): FailureRow {
  return {
    uri,
    version: "v2",
    fingerprint: "f",
    code: "parse_failed",
    reason: "Why.",
    attempts: 2,
    state,
    at: "2026-01-03T00:00:00Z",
  };
}

describe("GET /documents", () => {
  const entries: ManifestEntry[] = [
    { uri: "file:///a.csv", current: row("file:///a.csv") },
    { uri: "file:///b.pdf", current: row("file:///b.pdf"), failure: failure("file:///b.pdf", "failed") },
    { uri: "file:///c.png", failure: failure("file:///c.png", "skipped") },
    { uri: "gs://bucket/å b#c.md", current: row("gs://bucket/å b#c.md") },
  ];

  it("shows each document's state, with what is searched and what went wrong", async () => {
    await using server = await serveFake({ entries });
    const response = await fetch(`${server.url}/documents?prefix=${encodeURIComponent("file:///")}`);
    const page = await readAs(documentsResponse, response);
    const indexed = {
      uri: "file:///a.csv",
      title: "A title",
      state: "indexed",
      version: "v1",
      size: 12,
      content_type: "text/csv",
      updated_at: "2026-01-01T00:00:00Z",
      chunks: 2,
      records: 3,
      faults: { count: 1, first: [{ id: "7", code: "record_invalid", reason: "No text." }] },
    };
    const error = { code: "parse_failed", reason: "Why.", version: "v2", attempts: 2, at: "2026-01-03T00:00:00Z" };
    const none = { version: null, size: null, content_type: null, updated_at: null, chunks: 0, records: 0 };
    assert.deepEqual(page.documents, [
      indexed,
      { ...indexed, uri: "file:///b.pdf", state: "failed", error },
      { uri: "file:///c.png", title: "", state: "skipped", ...none, faults: { count: 0, first: [] }, error },
    ]);
    assert.equal(page.next, undefined);
  });

  it("gives every document exactly once, page by page, and no empty page at the end", async () => {
    await using server = await serveFake({ entries });
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let pages = 0;
      for (let after: string | undefined = ""; after !== undefined; pages += 1) {
        const parameters = new URLSearchParams({ limit: String(limit), ...(after === "" ? {} : { after }) });
        const page = await readAs(documentsResponse, await fetch(`${server.url}/documents?${parameters}`));
        seen.push(...page.documents.map(({ uri }) => uri));
        after = page.next;
      }
      assert.deepEqual(
        seen,
        entries.map(({ uri }) => uri),
      );
      assert.equal(pages, Math.ceil(entries.length / limit));
    }
  });

  for (const [parameters, field] of [
    ["limit=0", "limit"],
    ["limit=501", "limit"],
    ["limit=x", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["perfix=a", "perfix"],
    ["__proto__=a", "__proto__"],
    [`prefix=${"a".repeat(4097)}`, "prefix"],
  ] as const) {
    it(`refuses ${parameters.slice(0, 20)}`, async () => {
      await using server = await serveFake({ entries });
      const response = await fetch(`${server.url}/documents?${parameters}`);
      const problem = await readProblem(response);
      assert.deepEqual([response.status, problem.code, problem.field], [400, "query_invalid", field]);
    });
  }
});

describe("GET /healthz and /readyz", () => {
  it("are open, and tell a living process from a working index", async () => {
    const check = () => Promise.reject(new IsthmusError("store_missing", "/secret/path"));
    await using server = await serveFake({ check }, { apiKeys: ["k"] });
    const health = await fetch(`${server.url}/healthz`);
    assert.deepEqual(await readAs(healthResponse, health), { status: "ok", version: "1.2.3" });
    const ready = await fetch(`${server.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.equal(ready.headers.get("retry-after"), "5");
    const problem = await readProblem(ready);
    assert.equal(problem.code, "store_unavailable");
    assert.match(problem.error, /^Nothing has been indexed yet/);
    assert.ok(!problem.error.includes("/secret"));
  });

  it("is ready with the model's name", async () => {
    await using server = await serveFake();
    const response = await fetch(`${server.url}/readyz`);
    assert.deepEqual(await readAs(readyResponse, response), {
      ready: true,
      model: { model: "sentence-transformers/all-MiniLM-L6-v2", dimensions: 384, revision: "sha256:0" },
    });
  });

  it("is not ready while the engine cannot start, and is once it can", async () => {
    let starts = 0;
    await using server = await serveFake(
      {},
      {
        engine: async () => {
          starts += 1;
          throw new IsthmusError(starts === 1 ? "model_damaged" : "store_locked", "x");
        },
      },
    );
    const first = await fetch(`${server.url}/readyz`);
    assert.deepEqual([first.status, (await readProblem(first)).code], [503, "not_ready"]);
    const second = await fetch(`${server.url}/readyz`);
    assert.deepEqual([second.status, (await readProblem(second)).code], [503, "store_unavailable"]);
  });

  it("gives up on a check that hangs", async () => {
    const check = () => new Promise<void>(() => {});
    await using server = await serveFake({ check }, { deadlineMs: 20 });
    const response = await fetch(`${server.url}/readyz`);
    assert.deepEqual([response.status, (await readProblem(response)).code], [503, "not_ready"]);
  });

  it("checks once for all probes that wait together", async () => {
    let checks = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      checks += 1;
      return promise;
    };
    await using server = await serveFake({ check });
    const probes = Array.from({ length: 5 }, () => fetch(`${server.url}/readyz`));
    while (checks === 0) await new Promise((turn) => setImmediate(turn));
    await fetch(`${server.url}/healthz`);
    resolve();
    for (const probe of probes) assert.equal((await probe).status, 200);
    assert.ok(checks < 5);
  });
});

describe("GET /", () => {
  it("is a page for browsers that loads nothing from elsewhere", async () => {
    await using server = await serveFake();
    const response = await fetch(server.url, { headers: { accept: "text/html,*/*" } });
    const html = await response.text();
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'.*script-src 'sha256-/);
    assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
    assert.doesNotMatch(html, /innerHTML|insertAdjacentHTML|document\.write|\son\w+=/);
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
