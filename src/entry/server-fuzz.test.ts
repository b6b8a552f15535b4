import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { oddBody, oddHeaders } from "../../test/support/odd-requests.ts";
import { type Editing, editingExtension } from "../http/live/editing.ts";
import { eventsExtension } from "../http/live/events.ts";
import { mcpRoute } from "../http/mcp/route.ts";
import { answerRoute } from "../http/routes/answer.ts";
import { queryResponse } from "../http/schemas/query.ts";
import { vectorStoreDoor } from "../http/vector-stores/door.ts";
import { createActivity } from "./activity.ts";
import { readAs, readProblem, sendRaw, serveFake } from "./server-testing.ts";

/** Takes what comes, and keeps nothing. */
const editing: Editing = {
  maxBytes: 1000,
  async add({ name, bytes }) {
    for await (const _ of bytes);
    return { uri: `file:///${name.length}` };
  },
  retry: async (uri) => ({ uri }),
  remove: async (uri) => ({ uri, file: "kept" }),
  adding: () => false,
};

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

  it("is answered whatever the path, the method and the parameters (1,500)", async () => {
    const ending = new AbortController();
    await using server = await serveFake(
      {},
      {
        answers: answerRoute,
        mcp: mcpRoute,
        doors: [vectorStoreDoor],
        extensions: [eventsExtension(createActivity().feed, ending.signal), editingExtension(editing)],
      },
    );
    const known = [
      ...["/query", "/documents", "/healthz", "/readyz", "/", "/openapi.json", "/answer", "/mcp", "/events"],
      ...[
        "/documents?name=a.md",
        "/document",
        "/document/retry",
        "/v1/vector_stores/default/search",
        "/v1/vector_stores/%00/search",
      ],
      ...[
        "/document?uri=file:///a",
        "/document/retry?uri=%FF",
        "/documents?name=..%2f..%2fa",
        "/documents?name=a&name=b",
      ],
    ];
    const path = fc.oneof(
      { weight: 1, arbitrary: fc.webPath({ size: "small" }) },
      { weight: 3, arbitrary: fc.constantFrom(...known) },
    );
    const met = new Set<number>();
    const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND");
    const parameters = fc.oneof(fc.constant(""), fc.webQueryParameters({ size: "small" }));
    await fc.assert(
      fc.asyncProperty(path, method, parameters, oddHeaders, oddBody, async (where, how, more, odd, body) => {
        const joined = more === "" ? where : `${where}${where.includes("?") ? "&" : "?"}${more}`;
        const octets = [
          ...odd.filter(([name]) => name !== "content-type"),
          ["content-type", "application/octet-stream"],
        ];
        const response = await fetch(`${server.url}/${joined.slice(1)}`, {
          method: how,
          headers: (where.startsWith("/documents") ? octets : odd) as [string, string][],
          ...(how !== "GET" && how !== "HEAD" && { body }),
        });
        // A stream of events has no end.
        if (response.headers.get("content-type") === "text/event-stream") await response.body?.cancel();
        else await response.text();
        met.add(response.status);
        assert.ok(response.status < 500, `${how} ${joined}: ${response.status}`);
        assert.match(response.headers.get("x-trace-id") ?? "", /^[0-9a-f]{32}$/);
      }),
      { numRuns: 1500 },
    );
    for (const status of [200, 202, 204, 400, 403, 404, 405, 415])
      assert.ok(met.has(status), `${status} was never met`);
    ending.abort();
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
