import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { queryResponse } from "../http/schemas/query.ts";
import { readAs, readProblem, sendRaw, serveFake } from "./server-testing.ts";

const text = fc.string({ unit: "binary", maxLength: 60 });
const oddNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -1, 51, 1e308, 2 ** 53));
const almostFilter = fc.record(
  {
    uri: fc.oneof(text, fc.jsonValue()),
    metadata: fc.oneof(fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue()),
    range: fc.oneof(
      fc.dictionary(text, fc.record({ from: oddNumber, to: text }, { requiredKeys: [] })),
      fc.jsonValue(),
    ),
    "": fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const almostRequest = fc.record(
  {
    query: fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() }),
    k: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 50 }) }, oddNumber, fc.jsonValue()),
    mode: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("hybrid", "vector", "keyword") }, text),
    filter: fc.oneof({ weight: 3, arbitrary: almostFilter }, fc.jsonValue()),
    __proto__: fc.jsonValue(),
    constructor: fc.jsonValue(),
  },
  { requiredKeys: ["query"] },
);
const goodRequest = fc.record(
  { query: fc.string({ minLength: 1, maxLength: 60 }), k: fc.integer({ min: 1, max: 50 }) },
  { requiredKeys: ["query"] },
);
const body = fc.oneof(
  { weight: 2, arbitrary: goodRequest.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 6, arbitrary: almostRequest.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 2, arbitrary: fc.json().map((value) => Buffer.from(value)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc.tuple(almostRequest, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = Buffer.from(JSON.stringify(value));
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  },
);
/** What a header may hold: visible ASCII and latin1, no control characters. */
const headerValue = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const seldom = (arbitrary: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const headers = fc
  .record({
    "content-type": fc.oneof({ weight: 12, arbitrary: fc.constant("application/json") }, headerValue),
    "content-encoding": seldom(headerValue),
    origin: seldom(headerValue),
    traceparent: fc.oneof(headerValue, fc.constant(`00-${"1".repeat(32)}-${"2".repeat(16)}-01`)),
    "x-api-key": headerValue,
    authorization: headerValue,
    accept: headerValue,
  })
  .map((all) => Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));

describe("whatever is sent", () => {
  it("is answered, never with a 5xx, and problems are problem documents (1,600 bodies and headers)", async () => {
    await using server = await serveFake();
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(body, headers, async (bytes, sent) => {
        const response = await fetch(`${server.url}/query`, { method: "POST", body: bytes, headers: sent });
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        assert.ok([200, 400, 403, 415].includes(response.status), `${response.status}`);
        if (response.status === 200) await readAs(queryResponse, response);
        else await readProblem(response);
      }),
      { numRuns: 1600 },
    );
    // The generator must reach the answers, or it proves nothing.
    for (const status of [200, 400, 403, 415]) assert.ok((statuses.get(status) ?? 0) >= 10, `${status} was hardly met`);
    assert.equal(server.records.length, 1600);
  });

  it("is answered whatever the path, the method and the parameters (500)", async () => {
    await using server = await serveFake();
    const path = fc.oneof(
      fc.webPath({ size: "small" }),
      fc.constantFrom("/query", "/documents", "/healthz", "/readyz", "/", "/openapi.json"),
    );
    const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND");
    await fc.assert(
      fc.asyncProperty(path, method, fc.webQueryParameters({ size: "small" }), async (where, how, parameters) => {
        const response = await fetch(`${server.url}/${where.slice(1)}?${parameters}`, { method: how });
        await response.text();
        assert.ok(response.status < 500, `${response.status}`);
        assert.match(response.headers.get("x-trace-id") ?? "", /^[0-9a-f]{32}$/);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves the server standing when it is no HTTP at all (300)", async () => {
    await using server = await serveFake({}, { timeouts: { headersMs: 100, requestMs: 100 }, deadlineMs: 100 });
    const start = fc.constantFrom("", "GET / HTTP/1.1\r\n", "POST /query HTTP/1.1\r\nHost: localhost\r\n", "GET ");
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 100 }), async (line, bytes) => {
        const received = await sendRaw(
          server.port,
          Buffer.concat([Buffer.from(line), bytes, Buffer.from("\r\n\r\n")]),
          true,
        );
        assert.doesNotMatch(received, /HTTP\/1\.1 5/);
      }),
      { numRuns: 300 },
    );
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  });
});
