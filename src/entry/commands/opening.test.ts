import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpening } from "./opening.ts";

test("what is being opened while the end comes is closed too", async () => {
  const opened = Promise.withResolvers<void>();
  let closed = 0;
  const opening = createOpening(async () => {
    await opened.promise;
    return {
      async close() {
        closed++;
      },
    };
  });
  const asked = opening.open();
  const ending = opening.close();
  opened.resolve();
  await asked;
  await ending;
  assert.equal(closed, 1);
  await assert.rejects(opening.open(), { code: "store_unavailable" });
});

test("an opening that failed has nothing to close", async () => {
  const opening = createOpening<{ close(): Promise<void> }>(() => Promise.reject(new Error("no index yet")));
  await assert.rejects(opening.open(), { message: "no index yet" });
  await opening.close();
});
