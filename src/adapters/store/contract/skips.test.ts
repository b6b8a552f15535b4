import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const NAME = "a reader finds nothing";
/** Registers one test under a skip in a process of its own, and gives its exit status. */
function statusWithSkip(passes: boolean): number | null {
  const script = `
    const { register } = await import(${JSON.stringify(new URL("harness.ts", import.meta.url).href)});
    const { default: assert } = await import("node:assert/strict");
    const nothing = async () => undefined;
    const store = { name: "x", openWriter: async () => ({ close: nothing }), openReader: async () => ({ close: nothing }) };
    register({
      create: async () => ({ store, cleanup: nothing }),
      identity: { model: "m", dimensions: 8, revision: "r" },
      skips: { ${JSON.stringify(NAME)}: "cannot" },
    }, [[${JSON.stringify(NAME)}, async () => assert.ok(${passes})]]);`;
  // The runner must not take the child for a part of this run.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", script], { env: environment }).status;
}

test("a skip stands while its test fails, and fails once it would pass", () => {
  assert.equal(statusWithSkip(false), 0);
  assert.equal(statusWithSkip(true), 1);
});
