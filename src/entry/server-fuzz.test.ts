import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { oddBody, oddHeaders } from "../../test/support/odd-requests.ts";
import { queryResponse } from "../http/schemas/query.ts";
import { readAs, readProblem, sendRaw, serveFake } from "./server-testing.ts";

describe("whatever is sent", () => {
  it("is answered, never with a 5xx, and problems are problem documents (1,600 bodies and headers)", async () => {
    await using server = await serveFake();
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(oddBody, oddHeaders, async (bytes, sent) => {
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
