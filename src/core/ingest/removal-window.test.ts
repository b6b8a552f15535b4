import assert from "node:assert/strict";
import { test } from "node:test";
import { createRemovalWindow } from "./removal-window.ts";

test("what went is remembered for the length of the window, and no longer", () => {
  let now = 1000;
  const window = createRemovalWindow(60, () => now);
  assert.deepEqual(window.sum(), { gone: 0, removed: 0 });
  window.add({ gone: 3, removed: 3 });
  now += 40;
  window.add({ gone: 5, removed: 0 });
  assert.deepEqual(window.sum(), { gone: 8, removed: 3 });
  now += 20;
  assert.deepEqual(window.sum(), { gone: 5, removed: 0 });
  now += 40;
  assert.deepEqual(window.sum(), { gone: 0, removed: 0 });
});
