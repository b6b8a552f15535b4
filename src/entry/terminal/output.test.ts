import assert from "node:assert/strict";
import { test } from "node:test";
import { readable, visible } from "./output.ts";

test("what would steer a terminal is shown as an escape", () => {
  assert.equal(visible("a\u001b[2Jb\u0007\u009b1m\r\n"), "a\\u001b[2Jb\\u0007\\u009b1m\\r\\n");
  assert.equal(visible("gpj.\u202eexe\u2066"), "gpj.\\u202eexe\\u2066");
  assert.equal(visible("línea 🗺️ § – 漢字"), "línea 🗺️ § – 漢字");
  assert.equal(readable("file:///a/%1B%5B31m%20b.txt"), "/a/\\u001b[31m b.txt");
});
