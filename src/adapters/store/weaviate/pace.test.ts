import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createPace } from "./pace.ts";

suite("calls under way", () => {
  test("one alone is not held up, several are, and those that have ended no longer count", async () => {
    const pace = createPace();
    const { join } = pace;
    for (let documents = 0; documents < 9; documents++) pace.expect();
    await join(async () => {
      assert.equal(pace.everyMs(), 0);
      await join(async () => {
        const two = pace.everyMs();
        assert.ok(two > 0);
        await join(async () => assert.ok(pace.everyMs() > two));
        assert.equal(pace.everyMs(), two);
      });
      assert.equal(pace.everyMs(), 0);
    });
  });

  test("where all documents that are expected have come, none waits for more", async () => {
    const pace = createPace();
    const { join } = pace;
    const ended = [pace.expect(), pace.expect(), pace.expect()];
    await join(() =>
      join(async () => {
        assert.ok(pace.everyMs() > 0);
        ended[0]?.();
        assert.equal(pace.everyMs(), 0);
      }),
    );
  });

  test("a call that fails has ended", async () => {
    const pace = createPace();
    const { join } = pace;
    const failing = async () => {
      throw new Error("refused");
    };
    await join(async () => {
      await assert.rejects(join(failing), /refused/);
      assert.equal(pace.everyMs(), 0);
    });
  });
});
