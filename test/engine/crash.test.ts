import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { dumpIndex } from "../support/dump-index.ts";
import { createWorkspace, openTestEngine, type Workspace } from "../support/workspace.ts";
import { apply, heal, type Operation, operation } from "./operations.ts";

/** Sequences in all; each kills the process once or twice. */
const sequences = 200;
const child = join(import.meta.dirname, "crash-child.ts");

interface Crash {
  readonly operations: readonly Operation[];
  /** The kill comes after so many events, and then so many milliseconds. */
  readonly events: number;
  readonly delayMs: number;
}

const crash: fc.Arbitrary<Crash> = fc.record({
  operations: fc.array(operation, { minLength: 2, maxLength: 10, size: "max" }),
  events: fc.integer({ min: 1, max: 40 }),
  delayMs: fc.integer({ min: 0, max: 12 }),
});
const sequence = fc.array(crash, { minLength: 1, maxLength: 2, size: "max" });

test(`${sequences} sequences with the process killed at a random point converge to the index of a fresh run`, async (context) => {
  const seed = Number(process.env["ISTHMUS_TEST_SEED"] ?? Date.now() % 2 ** 31);
  context.diagnostic(`seed ${seed} (ISTHMUS_TEST_SEED repeats it)`);
  const samples = fc.sample(sequence, { numRuns: sequences, seed });
  let killed = 0;
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < samples.length; index = next++) {
      killed += await runSequence(samples[index] ?? [], `seed ${seed}, sequence ${index}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  context.diagnostic(`${killed} runs were killed before their end`);
  assert.ok(killed >= sequences / 2, `only ${killed} of ${sequences} sequences had a run killed in its middle`);
});

async function runSequence(crashes: readonly Crash[], label: string): Promise<number> {
  const workspace = createWorkspace();
  let killed = 0;
  try {
    for (const { operations, events, delayMs } of crashes) {
      for (const step of operations) apply(workspace.documents, step);
      if (await ingestAndKill(workspace, events, delayMs)) killed++;
    }
    heal(workspace.documents);
    const recovered = await cleanIndex(workspace, workspace.data, label);
    const freshData = join(workspace.data, "fresh");
    mkdirSync(freshData);
    assert.deepEqual(recovered, await cleanIndex(workspace, freshData, label), label);
    const leftOver = readdirSync(workspace.data).filter((name) => /spill|tmp/i.test(name));
    assert.deepEqual(leftOver, [], label);
    return killed;
  } finally {
    workspace.remove();
  }
}

/** Resolves to whether the kill came before the run's own end. */
async function ingestAndKill(workspace: Workspace, events: number, delayMs: number): Promise<boolean> {
  const running = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", child, workspace.documents, workspace.data],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = once(running, "exit");
  let seen = 0;
  running.stdout.on("data", async (chunk: Buffer) => {
    const before = seen;
    seen += chunk.toString().split("\n").length - 1;
    if (before < events && seen >= events) {
      await sleep(delayMs);
      running.kill("SIGKILL");
    }
  });
  const [code, signal] = await ended;
  if (signal === "SIGKILL") return true;
  assert.equal(code, 0, "the child ends well unless it is killed");
  return false;
}

async function cleanIndex(workspace: Workspace, data: string, label: string): Promise<unknown[]> {
  const engine = await openTestEngine({ documents: workspace.documents, data });
  try {
    const { failed } = await engine.ingest({ retryFailed: true });
    assert.equal(failed, 0, label);
    return await engine.read(dumpIndex);
  } finally {
    await engine.close();
  }
}
