import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSqliteStore } from "../../src/adapters/store/sqlite/store.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import type { Hit } from "../../src/core/types.ts";
import { dumpIndex } from "../support/dump-index.ts";
import { fc } from "../support/fast-check.ts";
import { createHashEmbedder, hashVector } from "../support/hash-embedder.ts";
import { testSeed } from "../support/seed.ts";
import { createWorkspace, openTestEngine, type Workspace } from "../support/workspace.ts";
import { apply, heal, type Operation, operation } from "./operations.ts";

/** Sequences in all; each has the process killed once or twice. */
const sequences = 200;
const child = join(import.meta.dirname, "crash-child.ts");

interface Crash {
  readonly operations: readonly Operation[];
  /** The kill comes after this share of the run, 0 to 1, and then so many milliseconds. */
  readonly share: number;
  readonly delayMs: number;
}

const crash: fc.Arbitrary<Crash> = fc.record({
  operations: fc.array(operation, { minLength: 2, maxLength: 10, size: "max" }),
  share: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 10),
  delayMs: fc.integer({ min: 0, max: 8 }),
});
const sequence = fc.array(crash, { minLength: 1, maxLength: 2, size: "max" });

test(`${sequences} sequences with the process killed at a random point converge to the index of a fresh run`, async (context) => {
  context.diagnostic(`seed ${testSeed} (ISTHMUS_TEST_SEED repeats it)`);
  const samples = fc.sample(sequence, { numRuns: sequences, seed: testSeed });
  let killed = 0;
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < samples.length; index = next++) {
      try {
        killed += await runSequence(samples[index] ?? [], `seed ${testSeed}, sequence ${index}`);
      } catch (error) {
        next = samples.length; // One failure tells enough: the other workers stop after the sequence in hand.
        throw error;
      }
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
    for (const { operations, share, delayMs } of crashes) {
      for (const step of operations) apply(workspace.documents, step);
      if (await ingestAndKill(workspace, share, delayMs)) killed++;
      await assertWhole(workspace, label);
    }
    heal(workspace.documents);
    const recovered = await cleanIndex(workspace, workspace.data, label);
    const freshData = join(workspace.data, "fresh");
    mkdirSync(freshData);
    assert.deepEqual(recovered, await cleanIndex(workspace, freshData, label), label);
    const leftOver = readdirSync(workspace.data).filter((name) => /^listing-/.test(name));
    assert.deepEqual(leftOver, [], label);
    return killed;
  } finally {
    workspace.remove();
  }
}

/** What answers right after a kill, before anything is mended: each document whole, at one version, or not at all. */
async function assertWhole(workspace: Workspace, label: string): Promise<void> {
  const store = createSqliteStore({ directory: workspace.data });
  const { identity } = createHashEmbedder();
  const reader = await store.openReader(identity).catch((error: unknown) => {
    // Killed before the index was made.
    if (error instanceof IsthmusError && error.code === "store_missing") return undefined;
    throw error;
  });
  if (reader === undefined) return;
  try {
    for (const entry of await reader.page("", undefined, 100)) {
      const { uri, current } = entry;
      if (current === undefined) continue;
      const query = { mode: "vector", vector: hashVector("any", 16), limit: 1000, filter: { uri } } as const;
      const hits: Hit[] = (await reader.search(query)).filter((hit) => hit.uri === uri);
      assert.equal(hits.length, current.chunks, `${label}: ${uri} answers with all of its chunks`);
      assert.ok(
        hits.every((hit) => hit.version === current.version),
        `${label}: ${uri} answers with one version`,
      );
    }
  } finally {
    await reader.close();
  }
}

/** Resolves to whether the kill came before the run's own end. */
async function ingestAndKill(workspace: Workspace, share: number, delayMs: number): Promise<boolean> {
  const settings = [child, workspace.documents, workspace.data, String(share), String(delayMs)];
  const running = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let ended = false;
  running.stdout.on("data", () => {
    ended = true;
  });
  const [code, signal] = await once(running, "close");
  assert.deepEqual([code, signal], [null, "SIGKILL"], "the child ends by its kill and by nothing else");
  return !ended;
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
