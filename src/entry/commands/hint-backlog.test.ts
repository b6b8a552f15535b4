import assert from "node:assert/strict";
import { test } from "node:test";
import { createHintBacklog } from "./hint-backlog.ts";

test("each hint waits once, and is taken once", () => {
  const backlog = createHintBacklog();
  backlog.add(["a", "b"]);
  backlog.add(["b", "a", "c"]);
  assert.deepEqual(backlog.take(), { kind: "uris", uris: ["a", "b", "c"] });
  assert.equal(backlog.take(), undefined);
});

test("too many hints become one scan, which swallows what comes before it is taken", () => {
  const backlog = createHintBacklog(10);
  const hints = Array.from({ length: 11 }, (_, index) => `uri-${index}`);
  backlog.add(hints.slice(0, 10));
  backlog.add(hints.slice(0, 10));
  assert.deepEqual(backlog.take(), { kind: "uris", uris: hints.slice(0, 10) });
  backlog.add(hints);
  backlog.add(["later"]);
  assert.deepEqual(backlog.take(), { kind: "rescan" });
  assert.equal(backlog.take(), undefined);
  backlog.add(["a"]);
  backlog.addRescan();
  assert.deepEqual(backlog.take(), { kind: "rescan" });
  backlog.add(["after"]);
  assert.deepEqual(backlog.take(), { kind: "uris", uris: ["after"] });
});
