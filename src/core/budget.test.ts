import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fc } from "../../test/support/fast-check.ts";
import { Budget, type Share } from "./budget.ts";

/** Whether a promise has settled after all that can happen by itself has happened. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await setImmediate();
  return done;
}

test("a share grows while there is room; then it waits until another one is given back", async () => {
  const budget = new Budget(10);
  const [first, second] = [budget.open(), budget.open()];
  await first.grow(6);
  await second.grow(4);
  const more = second.grow(1);
  assert.equal(await settled(more), false);
  first.release();
  await more;
  assert.equal(budget.taken, 5);
  second.release();
  second.release();
  assert.equal(budget.taken, 0);
});

test("the oldest never waits, and when it is done the next one is the oldest", async () => {
  const budget = new Budget(10);
  const [first, second, third] = [budget.open(), budget.open(), budget.open()];
  await Promise.all([first.grow(4), second.grow(3), third.grow(3)]);
  await first.grow(100);
  const [waitingSecond, waitingThird] = [second.grow(50), third.grow(50)];
  assert.deepEqual([await settled(waitingSecond), await settled(waitingThird)], [false, false]);
  first.release();
  assert.deepEqual([await settled(waitingSecond), await settled(waitingThird)], [true, false]);
  second.release();
  await waitingThird;
});

test("nobody overtakes one who waits, however little it wants", async () => {
  const budget = new Budget(10);
  const [first, second, third] = [budget.open(), budget.open(), budget.open()];
  await first.grow(8);
  const large = second.grow(9);
  const small = third.grow(1);
  assert.deepEqual([await settled(large), await settled(small)], [false, false]);
  first.release();
  await Promise.all([large, small]);
});

test("who holds nothing is not the oldest, however long it has been there", async () => {
  const budget = new Budget(10);
  const [idle, first, second] = [budget.open(), budget.open(), budget.open()];
  await idle.grow(1);
  await Promise.all([first.grow(4), second.grow(4)]);
  const more = first.grow(20);
  assert.equal(await settled(more), false);
  const part = idle.part();
  idle.release();
  await more;
  part.release();
  assert.equal(budget.taken, 28);
});

test("a part is given back by itself, and goes with its share", async () => {
  const budget = new Budget(10);
  const share = budget.open();
  const part = share.part();
  await Promise.all([share.grow(3), part.grow(4)]);
  part.release();
  assert.equal(budget.taken, 3);
  await share.part().grow(5);
  share.release();
  assert.equal(budget.taken, 0);
});

test("who stops waiting takes nothing and holds nobody up", async () => {
  const budget = new Budget(10);
  const [first, second, third] = [budget.open(), budget.open(), budget.open()];
  await first.grow(8);
  const stop = new AbortController();
  const large = second.grow(9, stop.signal);
  const small = third.grow(1);
  assert.equal(await settled(small), false);
  stop.abort();
  await assert.rejects(large, { code: "cancelled" });
  await small;
  assert.equal(budget.taken, 9);
  await assert.rejects(second.grow(1, stop.signal), { code: "cancelled" });
});

test("whoever comes in any order with any sizes gets through, and never more is taken than capacity and one holder", async () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 50 }), async (holders, capacity) => {
      const budget = new Budget(capacity);
      const largest = Math.max(...holders.map((grows) => grows.reduce((sum, size) => sum + size, 0)));
      let most = 0;
      const work = async (share: Share, grows: readonly number[]) => {
        for (const size of grows) {
          await share.grow(size);
          most = Math.max(most, budget.taken);
          await setImmediate();
        }
        share.release();
      };
      await Promise.all(holders.map((grows) => work(budget.open(), grows)));
      assert.equal(budget.taken, 0);
      assert.ok(most <= capacity + largest, `${most}`);
    }),
  );
});
