import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const skip = existsSync("/usr/bin/setpriv") ? false : "Linux's setpriv (util-linux) ends a program with its parent";

test("a peer ends with whoever started it, by SIGKILL too", { skip }, async (context) => {
  const script = `
import { startProgram } from ${JSON.stringify(join(import.meta.dirname, "process.ts"))};
const settings = { name: "sleep", command: "/usr/bin/sleep", args: ["3600"], environment: {}, folder: "/" };
const { pid } = await startProgram({ ...settings, ready: async () => true });
console.log(pid);
`;
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const starter = spawn(process.execPath, flags, { stdio: ["pipe", "pipe", "inherit"] });
  context.after(() => starter.kill("SIGKILL"));
  let peer = "";
  for await (const line of createInterface({ input: starter.stdout })) {
    peer = line;
    break;
  }
  const runs = () => existsSync(`/proc/${peer}`) && readFileSync(`/proc/${peer}/cmdline`, "utf8").includes("3600");
  const deadline = Date.now() + 120_000;
  while (!runs()) {
    assert.ok(Date.now() < deadline, `no peer ${peer}`);
    await sleep(20);
  }
  starter.kill("SIGKILL");
  while (runs()) {
    assert.ok(Date.now() < deadline, `${peer} runs on`);
    await sleep(20);
  }
});
