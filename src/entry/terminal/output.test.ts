import assert from "node:assert/strict";
import { test } from "node:test";
import { readable, summaryLine, visible } from "./output.ts";

test("what would steer a terminal is shown as an escape", () => {
  assert.equal(visible("a\u001b[2Jb\u0007\u009b1m\r\n"), "a\\u001b[2Jb\\u0007\\u009b1m\\r\\n");
  assert.equal(visible("gpj.\u202eexe\u2066"), "gpj.\\u202eexe\\u2066");
  assert.equal(visible("línea 🗺️ § – 漢字"), "línea 🗺️ § – 漢字");
  assert.equal(readable("file:///a/%1B%5B31m%20b.txt"), "/a/\\u001b[31m b.txt");
});

test("the summary counts what was lost as losses, for not all of them are records", () => {
  const none = {
    added: 1,
    changed: 0,
    unchanged: 0,
    removed: 0,
    failed: 0,
    skipped: 0,
    passedOver: 0,
    chunks: 1,
    embedded: 1,
  };
  const line = (empty: number, faults: number) =>
    summaryLine({ ...none, empty, faults, tookMs: 5, interrupted: false });
  assert.equal(line(0, 0), "1 added, 0 changed, 0 removed, 0 unchanged in 5 ms");
  assert.match(line(0, 1), / 0 unchanged, 1 loss told in /);
  assert.match(line(2, 3), / 2 empty, 3 losses told in /);
});
