import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createCompany } from "./company.ts";
import { gathering } from "./gathering.ts";

/** Longer than any test: nothing leaves because of it. */
const forever = 2 ** 30;

function recorded(pace: { everyMs: () => number; enough: number } | undefined, inFlight = 2) {
  const requests: number[][] = [];
  const ask = gathering<number, number>({ most: 8, inFlight, weigh: () => 1, pace }, async (items) => {
    requests.push([...items]);
    await turn();
    return items.map((item) => item * 2);
  });
  return { requests, ask };
}

suite("requests that wait for company", () => {
  test("the first leaves at once, the next ones when enough have come", async () => {
    const { requests, ask } = recorded({ everyMs: () => forever, enough: 3 });
    assert.equal(await ask(1), 2);
    const second = ask(2);
    await turn();
    await turn();
    const third = ask(3);
    await turn();
    await turn();
    assert.deepEqual(requests, [[1]]);
    const fourth = ask(4);
    assert.deepEqual(await Promise.all([second, third, fourth]), [4, 6, 8]);
    assert.deepEqual(requests, [[1], [2, 3, 4]]);
  });

  test("what has waited long enough leaves, however little it is", async () => {
    const { requests, ask } = recorded({ everyMs: () => 5, enough: 100 });
    assert.deepEqual([await ask(1), await ask(2), await ask(3)], [2, 4, 6]);
    assert.deepEqual(requests, [[1], [2], [3]]);
  });

  test("a pace of 0, and no pace, hold nobody up", async () => {
    for (const pace of [{ everyMs: () => 0, enough: forever }, undefined]) {
      const { requests, ask } = recorded(pace);
      await ask(1);
      await ask(2);
      assert.deepEqual(requests, [[1], [2]]);
    }
  });

  test("more than one request takes are split, and no more are under way than may be", async () => {
    const { requests, ask } = recorded({ everyMs: () => forever, enough: 3 }, 1);
    const answers = await Promise.all(Array.from({ length: 19 }, (_, item) => ask(item)));
    assert.deepEqual(
      answers,
      Array.from({ length: 19 }, (_, item) => item * 2),
    );
    assert.deepEqual(
      requests.map((items) => items.length),
      [8, 8, 3],
    );
  });
});

suite("documents half-way through", () => {
  test("one alone is not held up, several are, and those that are through no longer count", async () => {
    const company = createCompany();
    const { pace } = company;
    await company.step("a", async () => assert.equal(pace.everyMs(), 0));
    await company.step("b", async () => assert.ok(pace.everyMs() > 0));
    const two = pace.everyMs();
    await company.step("c", async () => assert.ok(pace.everyMs() > two));
    await company.lastStep("c", async () => {});
    await company.lastStep("b", async () => assert.equal(pace.everyMs(), two));
    assert.equal(pace.everyMs(), 0);
  });

  test("a step that fails leaves nobody waiting for the document", async () => {
    const company = createCompany();
    await company.step("a", async () => {});
    const failing = async () => {
      throw new Error("refused");
    };
    await assert.rejects(company.step("b", failing), /refused/);
    assert.equal(company.pace.everyMs(), 0);
    await company.step("b", async () => {});
    await assert.rejects(company.lastStep("b", failing), /refused/);
    assert.equal(company.pace.everyMs(), 0);
  });
});
