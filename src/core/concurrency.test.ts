import assert from "node:assert/strict";
import { test } from "node:test";
import { inBatches, mapInOrder, Semaphore } from "./concurrency.ts";

async function* numbers(count: number, onPull?: (index: number) => void, onClose?: () => void) {
  try {
    for (let index = 0; index < count; index++) {
      onPull?.(index);
      yield index;
    }
  } finally {
    onClose?.();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a semaphore never lets more through than it holds, in order, by weight", async () => {
  const semaphore = new Semaphore(10);
  let held = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    [4, 7, 1, 100, 3, 3, 3].map(async (weight, index) => {
      const release = await semaphore.acquire(weight);
      order.push(index);
      held += Math.min(weight, 10);
      most = Math.max(most, held);
      await turn();
      held -= Math.min(weight, 10);
      release();
      release(); // A second call returns nothing twice.
    }),
  );
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
  assert.ok(most <= 10);
  const release = await semaphore.acquire(10);
  release();
});

test("mapInOrder keeps the order and the bound, and pulls no further than its consumer", async () => {
  let running = 0;
  let most = 0;
  let pulled = 0;
  const mapped = mapInOrder(
    numbers(100, () => pulled++),
    3,
    async (item) => {
      most = Math.max(most, ++running);
      for (let turns = item % 4; turns > 0; turns--) await turn();
      running--;
      return item * 2;
    },
  );
  const first = await mapped.next();
  assert.equal(first.value, 0);
  assert.ok(pulled <= 4, `${pulled} items were pulled for one result`);
  const rest: number[] = [];
  for await (const item of mapped) rest.push(item);
  assert.deepEqual(
    rest,
    Array.from({ length: 99 }, (_, index) => (index + 1) * 2),
  );
  assert.equal(most, 3);
});

test("mapInOrder closes its input and waits for what is in flight when one call fails", async () => {
  let closed = false;
  let running = 0;
  const mapped = mapInOrder(
    numbers(100, undefined, () => {
      closed = true;
    }),
    4,
    async (item) => {
      running++;
      await turn();
      running--;
      if (item === 2) throw new Error("two");
      return item;
    },
  );
  await assert.rejects(async () => {
    for await (const _ of mapped);
  }, /two/);
  assert.equal(closed, true);
  assert.equal(running, 0);
});

test("inBatches gives full batches and the rest", async () => {
  const batches: number[][] = [];
  for await (const batch of inBatches(numbers(7), 3)) batches.push(batch);
  assert.deepEqual(batches, [[0, 1, 2], [3, 4, 5], [6]]);
});
