import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";

const launcher = join(import.meta.dirname, "..", "..", "bin", "run.mjs");

test("the program runs with two glibc heaps, unless the person says otherwise", () => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-launcher-"));
  try {
    const script = join(folder, "heaps.mjs");
    writeFileSync(script, "process.stdout.write(String(process.env.MALLOC_ARENA_MAX));\n");
    const { MALLOC_ARENA_MAX: _, ...environment } = process.env;
    const heaps = (env: NodeJS.ProcessEnv) => spawnSync(execPath, [launcher, script], { env, encoding: "utf8" }).stdout;
    assert.equal(heaps(environment), "2");
    assert.equal(heaps({ ...environment, MALLOC_ARENA_MAX: "5" }), "5");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
