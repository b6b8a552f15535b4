import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DocumentRow, FailureRow, ManifestEntry } from "../core/types.ts";
import { documentsResponse } from "../http/schemas/documents.ts";
import { readAs, readProblem, serveFake } from "./server-testing.ts";

function row(uri: string): DocumentRow {
  return {
    attempt: "1",
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
      generation: 1,
      reindexed: 0,
      updated_at: "2026-01-01T00:00:00Z",
      indexed_at: "2026-01-02T00:00:00Z",
      chunks: 2,
      records: 3,
      faults: { count: 1, first: [{ id: "7", code: "record_invalid", reason: "No text." }] },
    };
    const error = { code: "parse_failed", reason: "Why.", version: "v2", attempts: 2, at: "2026-01-03T00:00:00Z" };
    const none = {
      version: null,
      size: null,
      content_type: null,
      updated_at: null,
      indexed_at: null,
      chunks: 0,
      records: 0,
    };
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
