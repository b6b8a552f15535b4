import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { weaviateBinary } from "../test/peers/weaviate.ts";

const { skip } = await weaviateBinary();

/** The command lines of all processes that keep their temporary files in `folder`. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const told = words + readFileSync(`/proc/${pid}/environ`, "utf8");
      return /^\d+$/.test(pid) && told.includes(folder) ? [words] : [];
    } catch {
      // Ended in between, or somebody else's.
      return [];
    }
  });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!holds()) {
    if (Date.now() > deadline) assert.fail(`not within two minutes: ${what}`);
    await sleep(50);
  }
}

test("a bench that is told to end leaves neither a server nor a file", {
  skip: platform() === "linux" ? skip : "looks for processes in /proc",
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-ending-"));
  const bench = spawn(
    execPath,
    [join(import.meta.dirname, "main.ts"), "memory", "--store", "weaviate", "--documents", "200000", "--no-record"],
    { stdio: "ignore", env: { ...process.env, TMPDIR: folder } },
  );
  try {
    const ended = once(bench, "close");
    const runs = (word: string) => processesIn(folder).some((words) => words.includes(word));
    await until("an ingest into Weaviate under way", () => runs("weaviate-server") && runs("isthmus.mjs ingest"));
    bench.kill("SIGTERM");
    assert.deepEqual(await ended, [143, null]);
    await until("everything it started ended", () => processesIn(folder).length === 0);
    assert.deepEqual(await readdir(folder), []);
  } finally {
    bench.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
