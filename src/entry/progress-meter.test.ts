import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgressMeter } from "./progress-meter.ts";

const mebibyte = 2 ** 20;

test("the time left follows the bytes that are through, once the figures have settled", () => {
  let now = 0;
  const meter = createProgressMeter(() => now);
  meter.onEvent({ kind: "listed", objects: 4, bytes: 400 });
  now = 2000;
  meter.onEvent({ kind: "chunks", uri: "a", chunks: 10, embedded: 10 });
  meter.onEvent({ kind: "document", uri: "a", outcome: "added", chunks: 10, bytes: 100 });
  assert.equal(meter.figures().leftMs, undefined);
  now = 4000;
  const { done, chunksPerSecond, documentsPerSecond, leftMs } = meter.figures();
  assert.deepEqual(
    { done, chunksPerSecond, documentsPerSecond, leftMs },
    { done: 1, chunksPerSecond: 2.5, documentsPerSecond: 0.25, leftMs: 12_000 },
  );
});

test("of a large document what was read counts before it is through, and once only", () => {
  let now = 0;
  const meter = createProgressMeter(() => now);
  meter.onEvent({ kind: "listed", objects: 2, bytes: 16 * mebibyte });
  now = 10_000;
  meter.onEvent({ kind: "read", uri: "a", bytes: 5 * mebibyte });
  // One of them may be read ahead only.
  assert.equal(meter.figures().leftMs, 30_000);
  meter.onEvent({ kind: "document", uri: "a", outcome: "added", chunks: 1, bytes: 8 * mebibyte });
  assert.equal(meter.figures().leftMs, 10_000);
});

test("what is stored packed is read as more bytes than it was listed with, and nothing is left below zero", () => {
  let now = 0;
  const meter = createProgressMeter(() => now);
  meter.onEvent({ kind: "listed", objects: 2, bytes: 2 * mebibyte });
  now = 10_000;
  meter.onEvent({ kind: "read", uri: "a", bytes: 50 * mebibyte });
  assert.equal(meter.figures().leftMs, 0);
});
