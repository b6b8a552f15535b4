import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createAskingAgain } from "./asking-again.ts";

/** Askings, each of which waits until it is told its end. */
function server() {
  const asked: { answer(text: string): void; fail(): void; signal: AbortSignal }[] = [];
  let told = () => {};
  return {
    asked,
    ask: (signal: AbortSignal) =>
      new Promise<string>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
        asked.push({ answer: resolve, fail: () => reject(new Error("broken")), signal });
        told();
      }),
    async until(count: number) {
      while (asked.length < count)
        await new Promise<void>((settle) => {
          told = settle;
        });
    },
  };
}

suite("asking again", () => {
  test("what is answered is asked once", async () => {
    const { asked, ask } = server();
    const answer = createAskingAgain(60_000).firstAnswer(ask);
    asked[0]?.answer("one");
    assert.equal(await answer, "one");
    assert.equal(asked.length, 1);
  });

  test("silence is asked again, the first answer counts, and the others are cancelled", async () => {
    const { asked, ask, until } = server();
    const answer = createAskingAgain(5, 5).firstAnswer(ask);
    await until(3);
    assert.equal(asked[1]?.signal.aborted, true, "the second goes when the third comes");
    assert.equal(asked[0]?.signal.aborted, false, "the first is waited for all the while");
    asked[2]?.answer("three");
    assert.equal(await answer, "three");
    assert.equal(asked[0]?.signal.aborted, true);
  });

  test("a slow server's first answer counts, whatever became of the second", async () => {
    const { asked, ask, until } = server();
    const answer = createAskingAgain(5, 5).firstAnswer(ask);
    await until(2);
    asked[1]?.fail();
    asked[0]?.answer("one");
    assert.equal(await answer, "one");
  });

  test("a failure is the first one's", async () => {
    const { asked, ask, until } = server();
    const answer = createAskingAgain(5, 5).firstAnswer(ask);
    await until(2);
    asked[0]?.fail();
    await assert.rejects(answer, /broken/);
    assert.equal(asked[1]?.signal.aborted, true);
  });

  test("the caller's end ends all", async () => {
    const { asked, ask, until } = server();
    const caller = new AbortController();
    const answer = createAskingAgain(5, 5).firstAnswer(ask, caller.signal);
    await until(2);
    caller.abort();
    await assert.rejects(answer, /aborted/);
    assert.ok(asked.every(({ signal }) => signal.aborted));
  });

  test("a server on which everybody waits gets eight more, and no more", async () => {
    const { asked, ask, until } = server();
    const asking = createAskingAgain(5, 5);
    const caller = new AbortController();
    const answers = Array.from({ length: 30 }, () => asking.firstAnswer(ask, caller.signal));
    await until(30 + 8 * 3);
    const waiting = asked.filter(({ signal }) => !signal.aborted).length;
    assert.ok(waiting <= 30 + 8, `${waiting} at once`);
    caller.abort();
    assert.ok((await Promise.allSettled(answers)).every(({ status }) => status === "rejected"));
  });
});
