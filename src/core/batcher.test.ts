import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createBatcher } from "./batcher.ts";

/** Longer than any test: nothing leaves because of it. */
const forever = 2 ** 30;

function recorded(pace: { everyMs: () => number; enough: number } | undefined, inFlight = 2) {
  const requests: number[][] = [];
  const ask = createBatcher<number, number>({ most: 8, inFlight, weigh: () => 1, pace }, async (items) => {
    requests.push([...items]);
    await turn();
    return items.map((item) => item * 2);
  });
  return { requests, ask };
}

suite("requests that wait for others", () => {
  test("the first leaves at once, the next ones when enough have come", async () => {
    const { requests, ask } = recorded({ everyMs: () => forever, enough: 3 });
    assert.equal(await ask(1), 2);
    const second = ask(2);
    await turn();
    await turn();
    const third = ask(3);
    await turn();
    await turn();
    assert.deepEqual(requests, [[1]]);
    const fourth = ask(4);
    assert.deepEqual(await Promise.all([second, third, fourth]), [4, 6, 8]);
    assert.deepEqual(requests, [[1], [2, 3, 4]]);
  });

  test("what has waited long enough leaves, however little it is", async () => {
    const { requests, ask } = recorded({ everyMs: () => 5, enough: 100 });
    assert.deepEqual([await ask(1), await ask(2), await ask(3)], [2, 4, 6]);
    assert.deepEqual(requests, [[1], [2], [3]]);
  });

  test("a pace of 0, and no pace, hold nobody up", async () => {
    for (const pace of [{ everyMs: () => 0, enough: forever }, undefined]) {
      const { requests, ask } = recorded(pace);
      await ask(1);
      await ask(2);
      assert.deepEqual(requests, [[1], [2]]);
    }
  });

  test("more than one request takes are split, and no more are under way than may be", async () => {
    const { requests, ask } = recorded({ everyMs: () => forever, enough: 3 }, 1);
    const answers = await Promise.all(Array.from({ length: 19 }, (_, item) => ask(item)));
    assert.deepEqual(
      answers,
      Array.from({ length: 19 }, (_, item) => item * 2),
    );
    assert.deepEqual(
      requests.map((items) => items.length),
      [8, 8, 3],
    );
  });

  test("a request that waits looks again whether the others have come", async () => {
    let coming = true;
    const { requests, ask } = recorded({ everyMs: () => (coming ? forever : 0), enough: 3 });
    await ask(1);
    const second = ask(2);
    await turn();
    coming = false;
    assert.equal(await second, 4);
    assert.deepEqual(requests, [[1], [2]]);
  });
});

suite("callers who give up", () => {
  test("hear it at once, queued or under way, and the others of their request get their answers", async () => {
    let answer: (() => void) | undefined;
    const requests: number[][] = [];
    const ask = createBatcher<number, number>({ most: 8, inFlight: 1, weigh: () => 1 }, async (items) => {
      requests.push([...items]);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return items.map((item) => item * 2);
    });
    const [leaving, queued] = [new AbortController(), new AbortController()];
    const gone = ask(1, leaving.signal);
    const kept = ask(2);
    await turn();
    await turn();
    const waiting = ask(3, queued.signal);
    const next = ask(4);
    leaving.abort(new Error("left"));
    queued.abort(new Error("left the queue"));
    await assert.rejects(gone, /left/);
    await assert.rejects(waiting, /left the queue/);
    await assert.rejects(ask(5, leaving.signal), /left/);
    answer?.();
    assert.equal(await kept, 4);
    while (requests.length < 2) await turn();
    answer?.();
    assert.equal(await next, 8);
    assert.deepEqual(requests, [[1, 2], [4]]);
  });
});
