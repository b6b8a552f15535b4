import assert from "node:assert/strict";
import { test } from "node:test";
import { isOld } from "./prices.ts";

test("prices hold for six months", () => {
  for (const [asOf, now, old] of [
    ["2026-03", "2026-08-31", false],
    ["2026-03", "2026-09-01", true],
    ["2026-03-15", "2026-09-14", false],
    ["2026-03-15", "2026-09-15", true],
    ["2026", "2026-06-30", false],
    ["2026", "2026-07-01", true],
    ["2031-05", "2026-07-01", false],
    ["2026-13", "2026-01-01", true],
  ] as const) {
    assert.equal(isOld({ asOf }, new Date(now)), old, `${asOf} in ${now}`);
  }
});
