import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { createLimiter } from "./limiter.ts";

const never = new AbortController().signal;

describe("the limiter", () => {
  it("serves the line in order and turns away what does not fit", async () => {
    const limiter = createLimiter(1, 2);
    const leave = await limiter.enter(never);
    const order: number[] = [];
    const waiting = [1, 2].map(async (number) => {
      const done = await limiter.enter(never);
      order.push(number);
      done?.();
    });
    assert.equal(await limiter.enter(never), undefined);
    leave?.();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2]);
    assert.deepEqual([limiter.active, limiter.waiting], [0, 0]);
  });

  it("takes a turn back once, however often it is ended", async () => {
    const limiter = createLimiter(1, 0);
    const leave = await limiter.enter(never);
    leave?.();
    leave?.();
    assert.equal(limiter.active, 0);
  });

  it("does not let in who has left already", async () => {
    const reason = new Error("gone");
    await assert.rejects(createLimiter(1, 1).enter(AbortSignal.abort(reason)), reason);
  });

  it("never runs more than it may, and ends empty, whatever comes and goes", async () => {
    const step = fc.record({ what: fc.constantFrom("enter", "leave", "abort"), which: fc.nat(20) });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.nat(3),
        fc.array(step, { maxLength: 60 }),
        async (maxActive, maxWaiting, steps) => {
          const limiter = createLimiter(maxActive, maxWaiting);
          const guests: { abort: AbortController; leave?: (() => void) | undefined; settled: Promise<void> }[] = [];
          for (const { what, which } of steps) {
            const guest = guests[which % Math.max(1, guests.length)];
            if (what === "leave") guest?.leave?.();
            else if (what === "abort") guest?.abort.abort();
            else {
              const abort = new AbortController();
              const entered: (typeof guests)[number] = { abort, settled: Promise.resolve() };
              entered.settled = limiter.enter(abort.signal).then(
                (leave) => {
                  entered.leave = leave;
                },
                () => {},
              );
              guests.push(entered);
            }
            assert.ok(limiter.active <= maxActive && limiter.waiting <= maxWaiting);
            assert.ok(limiter.waiting === 0 || limiter.active === maxActive, "a turn is free and somebody waits");
            await Promise.resolve();
          }
          for (const guest of guests) guest.abort.abort();
          for (const guest of guests) {
            await guest.settled;
            guest.leave?.();
          }
          assert.deepEqual([limiter.active, limiter.waiting], [0, 0]);
        },
      ),
    );
  });
});
