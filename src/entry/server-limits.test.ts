import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { QueryResult } from "../core/retrieve-types.ts";
import { createFakeEngine, fakeResult } from "../http/fake-engine.ts";
import { readProblem, serveFake } from "./server-testing.ts";

/** Searches that wait to be let go (until all are free), and count how many there are at once. */
function heldSearches() {
  const held = new Set<() => void>();
  const state = { running: 0, most: 0, aborted: 0, free: false };
  let arrived = () => {};
  return {
    state,
    async search(_: unknown, signal: AbortSignal): Promise<QueryResult> {
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      try {
        if (state.free) return fakeResult;
        await new Promise<void>((resolve, reject) => {
          held.add(resolve);
          signal.addEventListener("abort", () => {
            state.aborted += 1;
            held.delete(resolve);
            reject(signal.reason);
          });
          arrived();
        });
        return fakeResult;
      } finally {
        state.running -= 1;
        arrived();
      }
    },
    letGo() {
      const [first] = held;
      if (first !== undefined) held.delete(first);
      first?.();
    },
    /** Resolves once the condition holds, looked at whenever a search comes or goes. */
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
  };
}

describe("concurrency", () => {
  it("runs so many searches at once, queues a few, and turns the rest away", async () => {
    const searches = heldSearches();
    await using server = await serveFake(searches, { maxConcurrency: 2, maxWaiting: 1 });
    const answers = [server.ask({ query: "1" }), server.ask({ query: "2" })];
    await searches.until(() => searches.state.running === 2);
    // Whichever of these comes second finds the queue full; the other stays in it.
    const late = [server.ask({ query: "3" }), server.ask({ query: "4" })];
    const refused = await Promise.race(late);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal((await readProblem(refused)).code, "too_many_requests");
    searches.letGo();
    searches.letGo();
    for (const answer of answers) assert.equal((await answer).status, 200);
    await searches.until(() => searches.state.running === 1);
    searches.letGo();
    const statuses = (await Promise.all(late)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 429]);
    assert.equal(searches.state.most, 2);
  });

  it("leaves the probes alone when it is full", async () => {
    const searches = heldSearches();
    await using server = await serveFake(searches, { maxConcurrency: 1, maxWaiting: 0 });
    const first = server.ask({ query: "1" });
    await searches.until(() => searches.state.running === 1);
    assert.equal((await server.ask({ query: "2" })).status, 429);
    assert.equal((await fetch(`${server.url}/documents`)).status, 429);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    searches.letGo();
    assert.equal((await first).status, 200);
  });

  it("is given back when clients go away, searching or queued", { timeout: 20_000 }, async () => {
    const searches = heldSearches();
    await using server = await serveFake(searches, { maxConcurrency: 1, maxWaiting: 1 });
    for (let round = 1; round <= 3; round += 1) {
      const leave = new AbortController();
      const send = () =>
        fetch(`${server.url}/query`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"query":"a"}',
          signal: leave.signal,
        });
      const lost = [send(), send()];
      await searches.until(() => searches.state.running === 1);
      leave.abort();
      for (const request of lost) await assert.rejects(request, { name: "AbortError" });
      await searches.until(() => searches.state.running === 0);
      assert.ok(searches.state.aborted >= round);
    }
    searches.state.free = true;
    assert.equal((await server.ask({ query: "a" })).status, 200);
    assert.equal(searches.state.most, 1);
    const codes = server.records.map(({ code }) => code).filter((code) => code !== undefined);
    assert.ok(codes.length > 0 && codes.every((code) => code === "cancelled"), codes.join());
  });

  it("counts work that does not stop at its deadline until it has stopped", async () => {
    const { promise, resolve } = Promise.withResolvers<QueryResult>();
    let searches = 0;
    const search = () => {
      searches += 1;
      return searches === 1 ? promise : Promise.resolve(fakeResult);
    };
    await using server = await serveFake({ search }, { maxConcurrency: 1, maxWaiting: 0, deadlineMs: 50 });
    assert.equal((await server.ask({ query: "1" })).status, 504);
    assert.equal((await server.ask({ query: "2" })).status, 429);
    resolve(fakeResult);
    await promise;
    assert.equal((await server.ask({ query: "3" })).status, 200);
  });
});

describe("the deadline", () => {
  it("ends a search that takes too long, and tells it so", async () => {
    const searches = heldSearches();
    await using server = await serveFake(searches, { deadlineMs: 30 });
    const response = await server.ask({ query: "a" });
    assert.equal(response.status, 504);
    assert.equal((await readProblem(response)).code, "deadline_exceeded");
    assert.equal(searches.state.aborted, 1);
  });

  it("ends the wait for an engine that does not start, and the engine may still start", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let starts = 0;
    await using server = await serveFake(
      {},
      {
        deadlineMs: 300,
        maxConcurrency: 1,
        maxWaiting: 0,
        engine: async () => {
          starts += 1;
          await promise;
          return createFakeEngine();
        },
      },
    );
    assert.equal((await server.ask({ query: "a" })).status, 504);
    resolve();
    assert.equal((await server.ask({ query: "a" })).status, 200);
    assert.equal(starts, 1);
  });

  it("ends the wait in the queue", async () => {
    let searches = 0;
    const search = () => {
      searches += 1;
      return new Promise<QueryResult>(() => {});
    };
    await using server = await serveFake({ search }, { maxConcurrency: 1, maxWaiting: 1, deadlineMs: 30 });
    const answers = await Promise.all([server.ask({ query: "1" }), server.ask({ query: "2" })]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [504, 504],
    );
    assert.equal(searches, 1);
  });
});
