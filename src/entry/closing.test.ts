import assert from "node:assert/strict";
import { test } from "node:test";
import { closingAll, createClosing } from "./closing.ts";

test("everything is closed in reverse order although one fails, and the first failure is thrown", async () => {
  const closed: string[] = [];
  const closing = createClosing();
  for (const name of ["runtime", "engine", "source", "server"]) {
    closing.add(async () => {
      closed.push(name);
      if (name === "source" || name === "runtime") throw new Error(`${name} failed`);
    });
  }
  await assert.rejects(closing.closeAll(), { message: "source failed" });
  assert.deepEqual(closed, ["server", "source", "engine", "runtime"]);
});

test("what was closed early is not closed again", async () => {
  let closes = 0;
  const closing = createClosing();
  const closeNow = closing.add(async () => {
    closes++;
  });
  await closeNow();
  await closeNow();
  await closing.closeAll();
  assert.equal(closes, 1);
});

test("the failure of the work is told, not the one of closing after it", async () => {
  const work = closingAll(async (closing) => {
    closing.add(() => Promise.reject(new Error("closing")));
    throw new Error("work");
  });
  await assert.rejects(work, { message: "work" });
  await assert.rejects(
    closingAll(async (closing) => {
      closing.add(() => Promise.reject(new Error("closing")));
    }),
    { message: "closing" },
  );
});
