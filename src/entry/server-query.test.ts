import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IsthmusError } from "../core/errors.ts";
import { createFakeEngine, fakeResult } from "../http/fake-engine.ts";
import { queryResponse } from "../http/schemas/query.ts";
import { readAs, readProblem, serveFake } from "./server-testing.ts";

const secret = "zebra-in-the-pantry";

describe("POST /query", () => {
  it("answers with passages, their sources and the trace id", async () => {
    await using server = await serveFake();
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const response = await server.ask(
      { query: "how?", k: 5, mode: "vector", filter: { uri: "file:///", metadata: { team: ["a", 1] } } },
      { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    );
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("x-trace-id"), traceId);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.deepEqual(await readAs(queryResponse, response), {
      results: fakeResult.results,
      took_ms: 1.23,
      trace_id: traceId,
    });
    assert.deepEqual(server.asked, [
      { query: "how?", k: 5, mode: "vector", filter: { uri: "file:///", metadata: { team: ["a", 1] } } },
    ]);
  });

  it("fills in k and mode, and makes a trace id of its own", async () => {
    await using server = await serveFake();
    const response = await server.ask({ query: "how?" }, { traceparent: "00-nonsense" });
    assert.match((await readAs(queryResponse, response)).trace_id, /^[0-9a-f]{32}$/);
    assert.deepEqual(server.asked, [{ query: "how?", k: 3, mode: "hybrid" }]);
  });

  it("tells nothing found from a failed search", async () => {
    await using nothing = await serveFake({ search: async () => ({ ...fakeResult, results: [] }) });
    assert.deepEqual((await readAs(queryResponse, await nothing.ask({ query: "how?" }))).results, []);
    await using broken = await serveFake({
      search: () => Promise.reject(new IsthmusError("store_unavailable", secret)),
    });
    const response = await broken.ask({ query: "how?" });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
    const problem = await readProblem(response);
    assert.equal(problem.code, "store_unavailable");
    assert.ok(!JSON.stringify(problem).includes(secret));
  });

  const bad: [name: string, body: unknown, field: string | undefined][] = [
    ["k as text", { query: secret, k: "x" }, "k"],
    ["k with a fraction", { query: secret, k: 1.5 }, "k"],
    ["k of 0", { query: secret, k: 0 }, "k"],
    ["k of -1", { query: secret, k: -1 }, "k"],
    ["k of 51", { query: secret, k: 51 }, "k"],
    ["k of null", { query: secret, k: null }, "k"],
    ["k beyond all numbers", `{"query":"${secret}","k":1e999}`, "k"],
    ["no query", {}, "query"],
    ["a query of 0 characters", { query: "" }, "query"],
    ["a query of spaces", { query: " \n\t " }, "query"],
    ["a query of 2,001 characters", { query: "a".repeat(2001) }, "query"],
    ["a query that is a number", { query: 7 }, "query"],
    ["an unknown mode", { query: secret, mode: secret }, "mode"],
    ["an unknown field", { query: secret, kk: 3 }, "kk"],
    ["an unknown field of the filter", { query: secret, filter: { url: "x" } }, "filter.url"],
    ["a filter that is text", { query: secret, filter: secret }, "filter"],
    [
      "a metadata value that is an object",
      { query: secret, filter: { metadata: { a: { b: 1 } } } },
      "filter.metadata.a",
    ],
    ["an empty list", { query: secret, filter: { metadata: { a: [] } } }, "filter.metadata.a"],
    ["a range that is a number", { query: secret, filter: { range: { year: 1 } } }, "filter.range.year"],
    ["a bound that is a list", { query: secret, filter: { range: { year: { from: [] } } } }, "filter.range.year.from"],
    ["__proto__ as a field", `{"query":"${secret}","__proto__":{"k":9}}`, "__proto__"],
    ["a list", [secret], undefined],
    ["text", JSON.stringify(secret), undefined],
    ["null", "null", undefined],
  ];
  for (const [name, body, field] of bad) {
    it(`refuses ${name} and names the field`, async () => {
      await using server = await serveFake();
      const response = await server.ask(body);
      const problem = await readProblem(response);
      assert.equal(response.status, 400);
      assert.equal(problem.code, "query_invalid");
      assert.equal(problem.field, field);
      assert.ok(!JSON.stringify(problem).includes(secret), "the answer repeats the query");
      assert.equal(server.asked.length, 0);
    });
  }

  for (const [name, body] of [
    ["malformed JSON", `{"query": "${secret}"`],
    ["an empty body", ""],
    ["a word", secret],
    ["two values", "{} {}"],
  ] as const) {
    it(`refuses ${name} as invalid JSON`, async () => {
      await using server = await serveFake();
      const response = await server.ask(body);
      const text = await response.text();
      assert.equal(response.status, 400, text);
      assert.equal(JSON.parse(text).code, "invalid_json");
      assert.ok(!text.includes(secret));
    });
  }

  it("refuses bytes that are not UTF-8, and no body at all", async () => {
    await using server = await serveFake();
    for (const body of [Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), null]) {
      const response = await fetch(`${server.url}/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      assert.equal(response.status, 400);
      assert.equal((await readProblem(response)).code, "invalid_json");
    }
  });

  for (const [name, body] of [
    ["a query of 1 character", { query: "a" }],
    ["a query of 2,000 characters", { query: "a".repeat(2000) }],
    ["lone surrogates", '{"query":"a\\ud800b"}'],
    ["a field given twice", '{"query":"a","query":"b"}'],
    ["__proto__ as a metadata key", '{"query":"a","filter":{"metadata":{"__proto__":"x"}}}'],
    ["a byte order mark", `\ufeff${JSON.stringify({ query: "a" })}`],
    ["k of 1", { query: "a", k: 1 }],
    ["k of 50", { query: "a", k: 50 }],
    ["k of 3.0", '{"query":"a","k":3.0}'],
    ["a range", { query: "a", filter: { range: { year: { from: 2020, to: "2024-01-01" } } } }],
  ] as const) {
    it(`takes ${name}`, async () => {
      await using server = await serveFake();
      const response = await server.ask(body);
      assert.equal(response.status, 200, await response.text());
    });
  }

  it("asks for a metadata key called __proto__ by its name, in values and in ranges", async () => {
    const engine = createFakeEngine();
    await using server = await serveFake({}, { engine });
    const body = '{"query":"a","filter":{"metadata":{"__proto__":"x","b":"y"},"range":{"__proto__":{"from":1}}}}';
    assert.equal((await server.ask(body)).status, 200);
    const { metadata = {}, range = {} } = engine.asked[0]?.filter ?? {};
    assert.deepEqual(Object.entries(metadata), [
      ["__proto__", "x"],
      ["b", "y"],
    ]);
    assert.deepEqual(Object.entries(range), [["__proto__", { from: 1 }]]);
    const wrong = await server.ask('{"query":"a","filter":{"metadata":{"__proto__":{"c":1}}}}');
    assert.equal(wrong.status, 400);
  });

  it("survives nesting as deep as a body can hold", async () => {
    await using server = await serveFake();
    const deep = "[".repeat(30_000) + "]".repeat(30_000);
    assert.equal((await server.ask(deep)).status, 400);
    assert.equal((await server.ask(`{"query":"a","filter":{"metadata":{"a":${deep}}}}`)).status, 400);
  });

  it("refuses a million characters by size", async () => {
    await using server = await serveFake();
    const response = await server.ask({ query: "a".repeat(1_000_000) });
    assert.equal(response.status, 413);
    assert.equal((await readProblem(response)).code, "body_too_large");
  });

  it("counts the bytes of a body that comes without its length", async () => {
    await using server = await serveFake();
    const send = (bytes: number) =>
      fetch(`${server.url}/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: new Blob([`{"query":"a"${" ".repeat(bytes - 13)}}`]).stream(),
        duplex: "half",
      });
    assert.equal((await send(64 * 1024)).status, 200);
    assert.equal((await send(64 * 1024 + 1)).status, 413);
  });

  for (const [name, headers, status] of [
    ["no JSON", { "content-type": "text/plain" }, 415],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["another JSON type", { "content-type": "application/ld+json" }, 415],
    ["another charset", { "content-type": "application/json; charset=utf-16" }, 415],
    ["a compressed body", { "content-type": "application/json", "content-encoding": "gzip" }, 415],
    ["parameters", { "content-type": 'Application/JSON; charset="UTF-8"; v=1' }, 200],
  ] as const) {
    it(`answers ${status} to ${name}`, async () => {
      await using server = await serveFake();
      const response = await server.ask({ query: "a" }, headers);
      assert.equal(response.status, status);
      if (status === 415) assert.equal((await readProblem(response)).code, "unsupported_media_type");
    });
  }
});
