import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "./errors.ts";
import { retrying } from "./retry.ts";

test("waits double from try to try with full jitter, and Retry-After is a floor with a ceiling", async () => {
  const waits: number[] = [];
  const failures = [undefined, undefined, 5, 10_000];
  const random = () => 1;
  let calls = 0;
  const clock = performance.now.bind(performance);
  let last = clock();
  const result = await retrying(
    async () => {
      const now = clock();
      if (calls > 0) waits.push(now - last);
      last = now;
      const retryAfterMs = failures[calls++];
      if (calls > failures.length) return "done";
      throw new IsthmusError("embedder_unavailable", "busy", retryAfterMs === undefined ? {} : { retryAfterMs });
    },
    { attempts: 5, baseMs: 2, maxMs: 4, maxRetryAfterMs: 20, random },
  );
  assert.equal(result, "done");
  assert.equal(calls, 5);
  // Lower bounds only: a loaded machine may always wait longer.
  const floors = [2, 4, 5, 20];
  for (const [index, floor] of floors.entries())
    assert.ok((waits[index] ?? 0) >= floor - 1, `wait ${index}: ${waits[index]}`);
});

test("an abort ends the waiting", async () => {
  const controller = new AbortController();
  const waiting = retrying(
    async () => {
      setImmediate(() => controller.abort());
      throw new IsthmusError("embedder_unavailable", "busy", { retryAfterMs: 60_000 });
    },
    { signal: controller.signal },
  );
  await assert.rejects(waiting, { name: "AbortError" });
});
