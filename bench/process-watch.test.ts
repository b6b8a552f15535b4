import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "node:os";
import { execPath } from "node:process";
import { test } from "node:test";
import { createProcessWatch } from "./process-watch.ts";

test("the peak and the time of a grandchild are seen, although it gave the memory back", {
  skip: platform() === "linux" ? false : "only Linux tells",
}, async () => {
  const hold = "let held = Buffer.alloc(300 * 2 ** 20, 1); held = undefined; const end = Date.now() + 700; while (Date.now() < end); setTimeout(() => {}, 300)";
  const launch = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(hold)}])`;
  const child = spawn(execPath, ["-e", launch], { stdio: "ignore" });
  const watch = createProcessWatch(child.pid);
  await once(child, "close");
  const { peakMemory = 0, cpu = 0 } = watch.stop() ?? {};
  assert.ok(peakMemory > 300 * 2 ** 20 && peakMemory < 600 * 2 ** 20, `${peakMemory} bytes`);
  // Filling the buffer alone takes longer than a clock tick, however much of the 700 ms the machine gave it.
  assert.ok(cpu >= 0.03 && cpu < 30, `${cpu} s`);
});

test("without a process there is no figure", () => {
  assert.equal(createProcessWatch(undefined).stop(), undefined);
});
