import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "../../core/errors.ts";
import type { IngestEvent } from "../../core/ingest-types.ts";
import { createJobLog } from "./log.ts";
import { createJobProgress } from "./progress.ts";

function recorded() {
  const entries: Record<string, unknown>[] = [];
  return { entries, log: createJobLog((line) => void entries.push(JSON.parse(line))) };
}

test("a line every five seconds, whether anything moves or not, until the end", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { entries, log } = recorded();
  const progress = createJobProgress(log);
  progress.onEvent({ kind: "listing", objects: 500, bytes: 5000 });
  context.mock.timers.tick(4999);
  assert.equal(entries.length, 0);
  context.mock.timers.tick(1);
  assert.deepEqual([entries[0]?.["phase"], entries[0]?.["objects"]], ["listing", 500]);
  progress.onEvent({ kind: "listed", objects: 1000, bytes: 10_000 });
  progress.onEvent({ kind: "chunks", uri: "gs://b/a", chunks: 3, embedded: 3 });
  progress.onEvent({ kind: "document", uri: "gs://b/a", outcome: "added", chunks: 3, bytes: 10 });
  progress.onEvent({ kind: "document", uri: "gs://b/gone", outcome: "removed", chunks: 0, bytes: 0 });
  context.mock.timers.tick(10_000);
  assert.equal(entries.length, 3);
  const { phase, documents, documents_total, chunks, failed, chunks_per_second } = entries[2] ?? {};
  assert.deepEqual([phase, documents, documents_total, chunks, failed], ["writing", 1, 1000, 3, 0]);
  assert.equal(typeof chunks_per_second, "number");
  progress.stop();
  context.mock.timers.tick(60_000);
  assert.equal(entries.length, 3);
});

test("failures are told as they come, and no more of them than a log can bear", () => {
  const { entries, log } = recorded();
  const progress = createJobProgress(log);
  const error = new IsthmusError("parse_failed", "it is damaged");
  const failed = (at: number): IngestEvent => ({
    kind: "document",
    uri: `gs://b/${at}`,
    outcome: "failed",
    chunks: 0,
    bytes: 1,
    error,
  });
  progress.onEvent(failed(0));
  progress.onEvent({ kind: "fault", uri: "gs://b/r.csv", id: "7", code: "record_invalid", reason: "no text" });
  const [document, record] = entries;
  assert.deepEqual(
    [document?.["severity"], document?.["uri"], document?.["code"]],
    ["WARNING", "gs://b/0", "parse_failed"],
  );
  assert.deepEqual([record?.["uri"], record?.["record"], record?.["code"]], ["gs://b/r.csv", "7", "record_invalid"]);
  for (let at = 1; at <= 500; at++) progress.onEvent(failed(at));
  progress.stop();
  assert.equal(entries.length, 101);
  assert.match(String(entries.at(-1)?.["message"]), /not listed/);
});

test("a line is one line, whatever is in its message", () => {
  const lines: string[] = [];
  createJobLog(
    (line) => void lines.push(line),
    () => new Date(0),
  ).write("INFO", "a\nb\u2028c", { uri: "gs://b/\n" });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.indexOf("\n"), (lines[0]?.length ?? 0) - 1);
  assert.deepEqual(JSON.parse(lines[0] ?? ""), {
    time: "1970-01-01T00:00:00.000Z",
    severity: "INFO",
    message: "a\nb\u2028c",
    uri: "gs://b/\n",
  });
});
