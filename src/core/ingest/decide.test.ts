import assert from "node:assert/strict";
import { test } from "node:test";
import type { DocumentRow, FailureRow, ManifestEntry, ObjectRef } from "../types.ts";
import { decide } from "./decide.ts";

const retry = { maxAttempts: 3, retryFailed: false };
const ref = (version: string, generation?: number): ObjectRef => ({
  uri: "file:///a",
  version,
  size: 1,
  updatedAt: "2026-01-01T00:00:00Z",
  ...(generation !== undefined && { generation }),
});
const row = (
  version: string,
  generation: number,
  state: DocumentRow["state"] = "indexed",
  reindex = 0,
): DocumentRow => ({
  attempt: "1",
  uri: "file:///a",
  version,
  order: { generation, reindex },
  fingerprint: "f",
  state,
  title: "a",
  size: 1,
  contentType: "text/plain",
  updatedAt: "",
  committedAt: "",
  chunks: 1,
  records: 1,
  faultCount: 0,
  faults: [],
});
const failure = (version: string, attempts: number, state: FailureRow["state"] = "failed"): FailureRow => ({
  uri: "file:///a",
  version,
  fingerprint: "f",
  code: "parse_failed",
  reason: "bad",
  attempts,
  state,
  at: "",
});
const entry = (current?: DocumentRow, failed?: FailureRow): ManifestEntry => ({
  uri: "file:///a",
  ...(current && { current }),
  ...(failed && { failure: failed }),
});
const write = (generation: number, reindex: number, outcome: "added" | "changed", needsLiveObject = false) => ({
  kind: "write",
  order: { generation, reindex },
  outcome,
  needsLiveObject,
});

test("a file: the manifest counts its versions, back to older content too", () => {
  assert.deepEqual(decide(ref("v1"), entry(), new Set(["f"]), retry), write(1, 0, "added"));
  assert.deepEqual(decide(ref("v2"), entry(row("v1", 1)), new Set(["f"]), retry), write(2, 0, "changed"));
  assert.deepEqual(decide(ref("v1"), entry(row("v2", 2)), new Set(["f"]), retry), write(3, 0, "changed"));
  assert.deepEqual(decide(ref("v1"), entry(row("v1", 3, "deleted")), new Set(["f"]), retry), write(4, 0, "added"));
});

test("the same version and fingerprint is unchanged; another fingerprint re-indexes the same generation", () => {
  assert.deepEqual(decide(ref("v1"), entry(row("v1", 1)), new Set(["f"]), retry), {
    kind: "unchanged",
    recovered: false,
  });
  assert.deepEqual(decide(ref("v1"), entry(row("v1", 1)), new Set(["g"]), retry), write(1, 1, "changed"));
});

test("an object: its generation is its order, older never replaces newer", () => {
  assert.deepEqual(decide(ref("7", 7), entry(), new Set(["f"]), retry), write(7, 0, "added"));
  assert.deepEqual(decide(ref("9", 9), entry(row("7", 7)), new Set(["f"]), retry), write(9, 0, "changed"));
  assert.deepEqual(decide(ref("7", 7), entry(row("9", 9)), new Set(["f"]), retry), { kind: "superseded" });
  assert.deepEqual(decide(ref("7", 7), entry(row("9", 9, "deleted")), new Set(["f"]), retry), { kind: "superseded" });
  assert.deepEqual(
    decide(ref("9", 9), entry(row("9", 9, "indexed", 2)), new Set(["g"]), retry),
    write(9, 3, "changed"),
  );
});

test("a deleted generation comes back only if the live object says so", () => {
  assert.deepEqual(
    decide(ref("9", 9), entry(row("9", 9, "deleted")), new Set(["f"]), retry),
    write(9, 1, "added", true),
  );
});

test("a failed version is tried up to the cap, a new version or an explicit wish starts over", () => {
  assert.equal(decide(ref("v1"), entry(undefined, failure("v1", 2)), new Set(["f"]), retry).kind, "write");
  assert.equal(decide(ref("v1"), entry(undefined, failure("v1", 3)), new Set(["f"]), retry).kind, "given-up");
  assert.equal(
    decide(ref("v1"), entry(undefined, failure("v1", 3)), new Set(["f"]), { ...retry, retryFailed: true }).kind,
    "write",
  );
  assert.equal(decide(ref("v2"), entry(undefined, failure("v1", 3)), new Set(["f"]), retry).kind, "write");
  assert.equal(decide(ref("v1"), entry(undefined, failure("v1", 3)), new Set(["g"]), retry).kind, "write");
  assert.equal(decide(ref("v1"), entry(undefined, failure("v1", 1, "skipped")), new Set(["f"]), retry).kind, "skipped");
});

test("a file that went back to its good version has recovered from its bad one", () => {
  assert.deepEqual(decide(ref("v1"), entry(row("v1", 1), failure("v2", 1)), new Set(["f"]), retry), {
    kind: "unchanged",
    recovered: true,
  });
});
