import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "./errors.ts";
import { createPatience, retrying } from "./retry.ts";

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

/** A platform that is away until the clock says otherwise; every try takes ten milliseconds of that clock. */
function outage() {
  const state = { clock: 0, tries: 0, backAt: Number.POSITIVE_INFINITY };
  const patience = createPatience({ totalMs: 100, baseMs: 1, maxMs: 1 }, () => state.clock);
  const ask = async () => {
    state.tries++;
    state.clock += 10;
    if (state.clock < state.backAt) throw new IsthmusError("store_unavailable", "away");
    return "there";
  };
  return { state, patience, ask };
}

test("patience is for the outage: whoever asks when it is used up tries once", async () => {
  const { state, patience, ask } = outage();
  await assert.rejects(patience.bear(ask), { code: "store_unavailable" });
  assert.equal(state.tries, 10);
  for (let more = 1; more <= 5; more++) {
    await assert.rejects(patience.bear(ask), { code: "store_unavailable" });
    assert.equal(state.tries, 10 + more);
  }
});

test("an outage that ends is forgotten, and the next one gets all of the patience again", async () => {
  const { state, patience, ask } = outage();
  state.backAt = 60;
  assert.equal(await patience.bear(ask), "there");
  state.backAt = Number.POSITIVE_INFINITY;
  const before = state.tries;
  await assert.rejects(patience.bear(ask), { code: "store_unavailable" });
  assert.equal(state.tries - before, 10);
});

test("one request that always fails gives up, however well the others do", async () => {
  const { state, patience, ask } = outage();
  state.backAt = 0;
  const refused = async () => {
    state.clock += 10;
    await patience.bear(ask);
    throw new IsthmusError("store_unavailable", "this one never");
  };
  await assert.rejects(patience.bear(refused), /this one never/);
});

test("what cannot pass is not waited for, and an abort ends whatever is waited for", async () => {
  const { patience, ask } = outage();
  await assert.rejects(
    patience.bear(async () => {
      throw new IsthmusError("store_denied", "no");
    }),
    { code: "store_denied" },
  );
  const stopping = new AbortController();
  const never = patience.bear(() => new Promise<void>(() => {}), stopping.signal);
  stopping.abort(new Error("stopped"));
  await assert.rejects(never, /stopped/);
  await assert.rejects(patience.bear(ask, stopping.signal), /stopped/);
});
