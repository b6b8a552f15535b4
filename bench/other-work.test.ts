import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, platform } from "node:os";
import { execPath } from "node:process";
import { test } from "node:test";
import { cpuTimes, otherWork, quietShare, shareOfOthers, waitForQuiet } from "./other-work.ts";

test("idle and waiting for a disk are no work; what a guest uses is user time already", () => {
  const stat = "cpu  100 10 40 800 50 5 15 30 100 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 1\n";
  assert.deepEqual(cpuTimes(stat), { busy: 200, total: 1050 });
  assert.equal(cpuTimes(""), undefined);
});

test("the share is that of all cores, without what this process used itself", () => {
  const before = { busy: 1000, total: 5000 };
  assert.equal(shareOfOthers(before, { busy: 1100, total: 5400 }, 0), 0.25);
  // 0.6 s are 60 ticks.
  assert.equal(shareOfOthers(before, { busy: 1100, total: 5400 }, 0.6), 0.1);
  assert.equal(shareOfOthers(before, { busy: 1010, total: 5400 }, 0.6), 0);
  assert.equal(shareOfOthers(before, before, 0), 0);
});

/** What is seen, look by look; the last one again and again. */
function looks(...shares: (number | undefined)[]) {
  let looked = 0;
  const told: string[] = [];
  const wait = () =>
    waitForQuiet(
      (what) => told.push(what),
      async () => shares[Math.min(looked++, shares.length - 1)],
    );
  return { told, wait, looked: () => looked };
}

test("a bench starts as soon as the machine is quiet, and the wait is told", async () => {
  const { told, wait, looked } = looks(0.42, 0.2, quietShare, 0.9);
  assert.equal(await wait(), quietShare);
  assert.equal(looked(), 3);
  assert.deepEqual(told.slice(1), [
    "waiting for other work to end, 118 s at most: it takes 42 % of the cores",
    "waiting for other work to end, 116 s at most: it takes 20 % of the cores",
  ]);
});

test("nobody waits for ever, nor where the system does not tell", async () => {
  const busy = looks(0.42);
  assert.equal(await busy.wait(), 0.42);
  assert.equal(busy.looked(), 60);
  const unknown = looks(undefined);
  assert.equal(await unknown.wait(), undefined);
  assert.equal(unknown.looked(), 1);
});

test("a process that keeps a core busy is seen", {
  skip: platform() === "linux" ? false : "looks into /proc",
}, async () => {
  const spinning = spawn(execPath, ["-e", "process.stdout.write('.'); for (;;);"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(spinning, "close");
  try {
    await once(spinning.stdout, "data");
    const share = (await otherWork()) ?? 0;
    // Whoever else wants that core is other work as well.
    assert.ok(share > 0.5 / availableParallelism() && share <= 1, `${share}`);
  } finally {
    spinning.kill("SIGKILL");
    await ended;
  }
});
