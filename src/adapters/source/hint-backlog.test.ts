import assert from "node:assert/strict";
import { test } from "node:test";
import { createHintBacklog } from "./hint-backlog.ts";

const counted = (...uris: [string, number][]) => ({ kind: "uris", uris: new Map(uris) });

test("each hint waits once, with the most that it was told, and is taken once", () => {
  const backlog = createHintBacklog();
  backlog.add(["a", "b"]);
  backlog.add(["b", "a", "c"]);
  backlog.add(["b"], 3);
  backlog.add(["b"]);
  assert.deepEqual(backlog.take(), counted(["a", 0], ["b", 3], ["c", 0]));
  assert.equal(backlog.take(), undefined);
});

test("too many hints become one scan, which swallows what comes before it is taken", () => {
  const backlog = createHintBacklog(10);
  const hints = Array.from({ length: 11 }, (_, index) => `uri-${index}`);
  backlog.add(hints.slice(0, 10));
  backlog.add(hints.slice(0, 10));
  assert.deepEqual(backlog.take(), counted(...hints.slice(0, 10).map((uri): [string, number] => [uri, 0])));
  backlog.add(hints);
  backlog.add(["later"]);
  assert.equal(backlog.take()?.kind, "rescan");
  assert.equal(backlog.take(), undefined);
  backlog.add(["a"]);
  backlog.addRescan("lost");
  assert.deepEqual(backlog.take(), { kind: "rescan", reason: "lost" });
  backlog.add(["after"]);
  assert.deepEqual(backlog.take(), counted(["after", 0]));
});
