import assert from "node:assert/strict";
import { test } from "node:test";
import { lazily } from "./lazy.ts";

/** A thing that is made when the test says so. */
function made() {
  const attempts: PromiseWithResolvers<string>[] = [];
  const ended: string[] = [];
  const thing = lazily(
    "The thing",
    () => {
      const attempt = Promise.withResolvers<string>();
      attempts.push(attempt);
      return attempt.promise;
    },
    async (value) => void ended.push(value),
  );
  return { thing, attempts, ended };
}

test("nothing is made before it is asked for, and then once for all who ask", async () => {
  const { thing, attempts } = made();
  assert.equal(attempts.length, 0);
  const asked = [thing.get(), thing.get()];
  attempts[0]?.resolve("first");
  assert.deepEqual(await Promise.all([...asked, thing.get()]), ["first", "first", "first"]);
  assert.equal(attempts.length, 1);
});

test("a failure is told to all who wait for it, and the next who asks tries again", async () => {
  const { thing, attempts } = made();
  const asked = [thing.get(), thing.get()];
  attempts[0]?.reject(new Error("no luck"));
  for (const waiting of asked) await assert.rejects(waiting, { message: "no luck" });
  const again = thing.get();
  attempts[1]?.resolve("second");
  assert.equal(await again, "second");
  assert.equal(attempts.length, 2);
});

test("a close while it is made waits for it, ends it once, and nobody gets it", async () => {
  const { thing, attempts, ended } = made();
  const asked = thing.get();
  const closed = Promise.all([thing.close(), thing.close()]);
  await assert.rejects(thing.get(), { code: "cancelled", message: /^The thing is closed/ });
  attempts[0]?.resolve("late");
  await assert.rejects(asked, { code: "cancelled" });
  await closed;
  assert.deepEqual(ended, ["late"]);
  assert.equal(attempts.length, 1);
});

test("a close with nothing made, or after a failure, has nothing to end", async () => {
  const unused = made();
  await unused.thing.close();
  assert.deepEqual([unused.attempts.length, unused.ended], [0, []]);
  const failing = made();
  const asked = failing.thing.get();
  const closed = failing.thing.close();
  failing.attempts[0]?.reject(new Error("no luck"));
  await assert.rejects(asked, { message: "no luck" });
  await closed;
  assert.deepEqual(failing.ended, []);
});

test("a signal ends one waiting, not the making", async () => {
  const { thing, attempts, ended } = made();
  const impatient = new AbortController();
  const asked = thing.get(impatient.signal);
  const patient = thing.get(new AbortController().signal);
  impatient.abort();
  await assert.rejects(asked, { code: "cancelled", message: "Waiting for the thing was cancelled." });
  await assert.rejects(thing.get(AbortSignal.abort()), { code: "cancelled" });
  attempts[0]?.resolve("made");
  assert.equal(await patient, "made");
  assert.deepEqual(ended, []);
});
