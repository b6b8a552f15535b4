import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { IsthmusError } from "../../../core/errors.ts";
import { rejectsWith } from "../contract/harness.ts";
import { counts, type PoolWorkerData, type PoolWorkerMethods } from "./pool-worker.testing.ts";
import { createReaderPool, type ReaderPoolLimits } from "./reader-pool.ts";
import { connect } from "./rpc-client.ts";

const file = new URL("./pool-worker.testing.ts", import.meta.url);
const late = new IsthmusError("deadline_exceeded", "No answer in time.");

function pool(t: TestContext, limits: Partial<ReaderPoolLimits> = {}) {
  const done = new Int32Array(new SharedArrayBuffer(16));
  let started = 0;
  const made = createReaderPool<PoolWorkerMethods>(
    (onChange) => {
      started++;
      return connect<PoolWorkerMethods>(file, { done } satisfies PoolWorkerData, { onChange });
    },
    { workers: 1, waiting: 8, graceMs: 60_000, ...limits },
  );
  t.after(() => made.close());
  return {
    call: made.call,
    close: made.close,
    started: () => started,
    done: (what: keyof typeof counts) => Atomics.load(done, counts[what]),
    async until(what: keyof typeof counts, count: number): Promise<void> {
      while (Atomics.load(done, counts[what]) < count) await nextTurn();
    },
  };
}

test("a call is answered while another never ends, by a worker that was started for it", async (t) => {
  const { call, started, until } = pool(t, { workers: 2 });
  assert.equal(started(), 0);
  const abort = new AbortController();
  const endless = call(abort.signal, "endless");
  await until("endlessBegun", 1);
  const thread = await call(undefined, "thread");
  assert.equal(await call(undefined, "thread"), thread, "the free one is asked again");
  assert.equal(started(), 2);
  abort.abort(late);
  await assert.rejects(endless, rejectsWith("deadline_exceeded"));
});

test("a call whose deadline passed is interrupted, and its worker answers the next", async (t) => {
  const { call, done, started, until } = pool(t);
  for (let round = 1; round <= 3; round++) {
    const abort = new AbortController();
    const endless = call(abort.signal, "endless");
    await until("endlessBegun", round);
    const next = call(undefined, "thread");
    abort.abort(late);
    await assert.rejects(endless, rejectsWith("deadline_exceeded"));
    await next;
    assert.equal(done("endlessEnded"), round);
  }
  assert.equal(started(), 1);
});

test("a call that was cancelled while it waited is never begun", async (t) => {
  const { call, done, until } = pool(t);
  const [first, second] = [new AbortController(), new AbortController()];
  const endless = call(first.signal, "endless");
  const waiting = call(second.signal, "thread");
  const third = call(undefined, "thread");
  await until("endlessBegun", 1);
  second.abort(late);
  await assert.rejects(waiting, rejectsWith("deadline_exceeded"));
  await assert.rejects(call(second.signal, "thread"), rejectsWith("deadline_exceeded"));
  first.abort(late);
  await assert.rejects(endless);
  await third;
  assert.equal(done("thread"), 1);
});

test("no more calls wait than may: the next is refused with when to come again", async (t) => {
  const { call, until } = pool(t, { waiting: 2 });
  const abort = new AbortController();
  const calls = [call(abort.signal, "endless"), call(undefined, "thread"), call(undefined, "thread")];
  await until("endlessBegun", 1);
  await assert.rejects(call(undefined, "thread"), (thrown) => {
    assert.equal(thrown instanceof IsthmusError && thrown.retryAfterMs, 1_000);
    return rejectsWith("store_unavailable")(thrown);
  });
  abort.abort(late);
  await assert.rejects(calls[0] ?? assert.fail());
  await Promise.all(calls.slice(1));
  await call(undefined, "thread");
});

test("a worker that died is started again, and those who waited for it are answered", async (t) => {
  const { call, started } = pool(t);
  const before = await call(undefined, "thread");
  const dying = call(undefined, "die");
  const waiting = call(undefined, "thread");
  await assert.rejects(dying, rejectsWith("store_unavailable"));
  assert.notEqual(await waiting, before);
  assert.equal(started(), 2);
  // And again, with nobody waiting.
  await assert.rejects(call(undefined, "die"), rejectsWith("store_unavailable"));
  await call(undefined, "thread");
  assert.equal(started(), 3);
});

test("a worker that does not hear of its interruption is replaced", async (t) => {
  const { call, started, until } = pool(t, { graceMs: 1 });
  const abort = new AbortController();
  const deaf = call(abort.signal, "deaf");
  await until("deafBegun", 1);
  abort.abort(late);
  await assert.rejects(deaf, rejectsWith("deadline_exceeded"));
  await call(undefined, "thread");
  assert.equal(started(), 2);
});

test("closing ends what waits and what runs", async (t) => {
  const { call, close, until } = pool(t, { graceMs: 1 });
  const running = call(undefined, "endless");
  const waiting = call(undefined, "thread");
  await until("endlessBegun", 1);
  const closing = close();
  await assert.rejects(waiting, rejectsWith("store_unavailable"));
  await assert.rejects(running, rejectsWith("store_unavailable"));
  await closing;
  await assert.rejects(call(undefined, "thread"), rejectsWith("store_unavailable"));
});
