import assert from "node:assert/strict";
import { test } from "node:test";
import { orLeftOut } from "./left-out.ts";
import { Unavailable } from "./unavailable.ts";

test("what is at hand takes part, what is not is left out with a note, and what breaks is a failure", async () => {
  const notes: string[] = [];
  assert.equal(await orLeftOut(notes, "LanceDB", () => Promise.resolve(7)), 7);
  assert.deepEqual(notes, []);
  const missing = () => Promise.reject(new Unavailable("Install it."));
  assert.equal(await orLeftOut(notes, "LanceDB", missing), undefined);
  assert.deepEqual(notes, ["LanceDB: left out. Install it."]);
  await assert.rejects(
    orLeftOut(notes, "LanceDB", () => Promise.reject(new Error("it broke"))),
    /it broke/,
  );
});
