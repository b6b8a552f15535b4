import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "node:os";
import { execPath } from "node:process";
import { test } from "node:test";
import { createMemoryWatch } from "./memory-watch.ts";

test("the peak of a grandchild is seen, although it gave the memory back", {
  skip: platform() === "linux" ? false : "only Linux tells",
}, async () => {
  const hold = "let held = Buffer.alloc(300 * 2 ** 20, 1); held = undefined; setTimeout(() => {}, 800)";
  const launch = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(hold)}])`;
  const child = spawn(execPath, ["-e", launch], { stdio: "ignore" });
  const watch = createMemoryWatch(child.pid);
  await once(child, "close");
  const peak = watch.stop() ?? 0;
  assert.ok(peak > 300 * 2 ** 20 && peak < 600 * 2 ** 20, `${peak} bytes`);
});

test("without a process there is no figure", () => {
  assert.equal(createMemoryWatch(undefined).stop(), undefined);
});
