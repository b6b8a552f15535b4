import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { IsthmusError } from "../../src/core/errors.ts";
import { dumpIndex } from "../support/dump-index.ts";
import { fc } from "../support/fast-check.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { createWorkspace, openTestEngine, type Workspace } from "../support/workspace.ts";
import { apply, heal, type Operation, operation } from "./operations.ts";

/** How a run between two operations ends. */
type RunEnd = "clean" | "aborted" | "texts refused" | "embedder gone" | "none";

const step = fc.record({
  operation,
  run: fc.oneof(
    { weight: 3, arbitrary: fc.constant<RunEnd>("clean") },
    { weight: 2, arbitrary: fc.constant<RunEnd>("aborted") },
    { weight: 2, arbitrary: fc.constant<RunEnd>("texts refused") },
    { weight: 2, arbitrary: fc.constant<RunEnd>("embedder gone") },
    { weight: 3, arbitrary: fc.constant<RunEnd>("none") },
  ),
  after: fc.integer({ min: 1, max: 12 }),
});

test("any sequence of changes and failures ends, after one clean run, in the index that a fresh one would be", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12, size: "max" }),
      fc.boolean(),
      async (steps, healed) => {
        const workspace = createWorkspace();
        try {
          await live(workspace, steps);
          if (healed) heal(workspace.documents);
          else removeSpoilt(workspace);
          const lived = await cleanIndex(workspace, workspace.data);
          const fresh = await cleanIndex(workspace, freshData(workspace));
          assert.deepEqual(lived, fresh);
        } finally {
          workspace.remove();
        }
      },
    ),
    { numRuns: 40 },
  );
});

async function live(workspace: Workspace, steps: readonly { operation: Operation; run: RunEnd; after: number }[]) {
  let calls = 0;
  let failAfter = Number.POSITIVE_INFINITY;
  let failWith: "embedder_rejected" | "embedder_misconfigured" = "embedder_rejected";
  const embedder = createHashEmbedder({
    onEmbed() {
      if (++calls > failAfter) throw new IsthmusError(failWith, "not now");
    },
  });
  const engine = await openTestEngine(workspace, { embedder });
  try {
    for (const { operation: change, run, after } of steps) {
      apply(workspace.documents, change);
      if (run === "none") continue;
      calls = 0;
      failAfter = run === "embedder gone" || run === "texts refused" ? after : Number.POSITIVE_INFINITY;
      failWith = run === "embedder gone" ? "embedder_misconfigured" : "embedder_rejected";
      const controller = new AbortController();
      let events = 0;
      const ingesting = engine.ingest({
        signal: controller.signal,
        onEvent() {
          if (run === "aborted" && ++events === after) controller.abort();
        },
      });
      // An embedder that is gone ends the run; all other ends are the run's own.
      await ingesting.catch((error: unknown) => {
        if (!(error instanceof IsthmusError && error.code === "embedder_misconfigured")) throw error;
      });
    }
  } finally {
    await engine.close();
  }
}

async function cleanIndex(workspace: Workspace, data: string): Promise<unknown[]> {
  const engine = await openTestEngine({ documents: workspace.documents, data });
  try {
    // Failures of the sequence's embedder were verdicts on content, so a version may have been given up: ask for it.
    const { failed, interrupted } = await engine.ingest({ retryFailed: true });
    assert.deepEqual({ failed, interrupted }, { failed: 0, interrupted: false });
    return await engine.read(dumpIndex);
  } finally {
    await engine.close();
  }
}

function freshData(workspace: Workspace): string {
  const data = join(workspace.data, "fresh");
  mkdirSync(data);
  return data;
}

function removeSpoilt(workspace: Workspace): void {
  for (const file of readdirSync(workspace.documents)) {
    const path = join(workspace.documents, file);
    if (readFileSync(path).includes(0xff)) rmSync(path);
  }
}
