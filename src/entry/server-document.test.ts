import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DocumentPassage, DocumentRow } from "../core/types.ts";
import { fakeResult } from "../http/fake-engine.ts";
import { documentResponse } from "../http/schemas/document.ts";
import { queryResponse } from "../http/schemas/query.ts";
import { createActivity } from "./activity.ts";
import { readAs, readProblem, serveFake } from "./server-testing.ts";

const uri = "file:///a b#c.md";
const current: DocumentRow = {
  attempt: "1",
  uri,
  order: { generation: 1, reindex: 0 },
  version: "v1",
  fingerprint: "f",
  state: "indexed",
  title: "A title",
  size: 12,
  contentType: "text/markdown",
  updatedAt: "2026-01-01T00:00:00Z",
  committedAt: "2026-01-02T00:00:00Z",
  chunks: 3,
  records: 1,
  faultCount: 0,
  faults: [],
};
const passages: DocumentPassage[] = ["One two.", "two. Three.", "Four."].map((content, ordinal) => ({
  ordinal,
  title: "A title",
  heading: `H${ordinal}`,
  content,
  start: ordinal * 4,
  end: ordinal * 4 + content.length,
  metadata: { team: "a" },
}));
const behaviour = { entries: [{ uri, current }], passages };

const urlOf = (server: { url: string }, parameters: Record<string, string>) =>
  `${server.url}/document?${new URLSearchParams(parameters)}`;

describe("GET /document", () => {
  it("gives the text of a document with its passages' places, page by page", async () => {
    await using server = await serveFake(behaviour);
    const first = await readAs(documentResponse, await fetch(urlOf(server, { uri, limit: "2" })));
    assert.deepEqual(first.parts, [
      {
        uri,
        title: "A title",
        metadata: { team: "a" },
        start: 0,
        end: 15,
        text: "One two. Three.",
        passages: [
          { ordinal: 0, heading: "H0", start: 0, end: 8 },
          { ordinal: 1, heading: "H1", start: 4, end: 15 },
        ],
      },
    ]);
    assert.equal(first.document.version, "v1");
    assert.equal(first.next, 2);
    const last = await readAs(documentResponse, await fetch(urlOf(server, { uri, from: "2" })));
    assert.equal(last.parts[0]?.text, "Four.");
    assert.equal(last.next, undefined);
    const past = await readAs(documentResponse, await fetch(urlOf(server, { uri, from: "99999999" })));
    assert.deepEqual([past.parts, past.next], [[], undefined]);
  });

  it("names the trace that brought the version in, where one was kept", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    await using server = await serveFake({ ...behaviour, entries: [{ uri, current: { ...current, traceId } }] });
    const traced = await readAs(documentResponse, await fetch(urlOf(server, { uri })));
    assert.equal(traced.document.ingest_trace_id, traceId);
    await using other = await serveFake(behaviour);
    const plain = await readAs(documentResponse, await fetch(urlOf(other, { uri })));
    assert.equal("ingest_trace_id" in plain.document, false);
  });

  it("tells a document that is not there from one that could not be read", async () => {
    const failure = { uri: "file:///f", version: "v", fingerprint: "f", code: "parse_failed", reason: "Why." } as const;
    const failed = { ...failure, attempts: 1, state: "failed", at: "2026-01-03T00:00:00Z" } as const;
    await using server = await serveFake({ entries: [{ uri: failed.uri, failure: failed }] });
    const known = await readAs(documentResponse, await fetch(urlOf(server, { uri: failed.uri })));
    assert.deepEqual([known.document.state, known.document.error?.reason, known.parts], ["failed", "Why.", []]);
    const response = await fetch(urlOf(server, { uri: "file:///zebra" }));
    const problem = await readProblem(response);
    assert.deepEqual([response.status, problem.code, problem.field], [404, "document_not_found", "uri"]);
    assert.ok(!JSON.stringify(problem).includes("zebra"));
  });

  for (const [parameters, field] of [
    [{}, "uri"],
    [{ uri: "" }, "uri"],
    [{ uri: "a".repeat(4097) }, "uri"],
    [{ uri, from: "-1" }, "from"],
    [{ uri, from: "1.5" }, "from"],
    [{ uri, limit: "0" }, "limit"],
    [{ uri, limit: "201" }, "limit"],
    [{ uri, page: "1" }, "page"],
  ] as const) {
    it(`refuses ${new URLSearchParams(parameters as Record<string, string>).toString().slice(0, 40)}`, async () => {
      await using server = await serveFake(behaviour);
      const response = await fetch(urlOf(server, parameters as Record<string, string>));
      const problem = await readProblem(response);
      assert.deepEqual([response.status, problem.code, problem.field], [400, "query_invalid", field]);
    });
  }
});

describe("while a scan runs", () => {
  it("every answer says how far it is, and none once it is through", async () => {
    const activity = createActivity();
    await using server = await serveFake({}, { indexing: activity.indexing });
    const indexOf = async () => (await readAs(queryResponse, await server.ask({ query: "a" }))).index;
    assert.equal(await indexOf(), undefined);
    const scan = activity.beginScan();
    const none = { done: 0, failed: 0, documents_per_second: 0 };
    assert.deepEqual(await indexOf(), { state: "indexing", listing: true, total: 0, ...none });
    scan.place();
    scan.onEvent({ kind: "listed", objects: 2, bytes: 20 });
    const through = { kind: "document", chunks: 1, bytes: 10 } as const;
    scan.onEvent({ ...through, uri: "file:///a", outcome: "added" });
    scan.onEvent({ ...through, uri: "file:///b", outcome: "failed" });
    scan.place();
    scan.onEvent({ kind: "listing", objects: 5, bytes: 50 });
    const { state, listing, done, total, failed } = (await indexOf()) ?? {};
    assert.deepEqual(
      { state, listing, done, total, failed },
      { state: "indexing", listing: true, done: 2, total: 7, failed: 1 },
    );
    scan.end();
    assert.equal(await indexOf(), undefined);
  });
});

describe("POST /query with an explanation", () => {
  it("asks the engine for it, and hands it on as documented", async () => {
    const explanation = {
      hits: [{ rankings: { vector: { rank: 2, score: 0.5 } }, words: [{ word: "keys", weight: 1.5 }] }],
      words: [{ word: "keys", terms: ["key"] }],
      fusion: { vector: 0.75, keyword: 0.25, unfamiliar: 0 },
      turnedAway: [{ uri: "file:///b", reason: "deleted", passages: 2 }],
      document: {
        uri: "file:///c",
        verdict: "far",
        reason: "Why.",
        best: { score: 0.1, rankings: {}, heading: "", ordinal: 3 },
      },
    } as const;
    await using server = await serveFake({ search: async () => ({ ...fakeResult, explanation }) });
    const response = await server.ask({ query: "keys", explain: true, why: "file:///c" });
    const { hits, turnedAway, ...rest } = explanation;
    assert.deepEqual((await readAs(queryResponse, response)).explanation, {
      results: hits,
      turned_away: turnedAway,
      ...rest,
    });
    assert.deepEqual(server.asked, [{ query: "keys", k: 3, mode: "hybrid", explain: true, why: "file:///c" }]);
    for (const [bad, field] of [
      [{ explain: "yes" }, "explain"],
      [{ why: 1 }, "why"],
      [{ why: " " }, "why"],
      [{ why: "a".repeat(4097) }, "why"],
    ] as const) {
      const problem = await readProblem(await server.ask({ query: "keys", ...bad }));
      assert.deepEqual([problem.code, problem.field], ["query_invalid", field]);
    }
  });
});
