import assert from "node:assert/strict";
import { test } from "node:test";
import { alternate, ratio } from "./harness.ts";

const silent = { tell() {}, clear() {} };

test("contestants take turns, and each measure gets a sample a round", async () => {
  const order: string[] = [];
  const contestant = (name: string, factor: number) => ({
    name,
    async run(round: number) {
      order.push(`${name}${round}`);
      return { speed: factor * round, unlisted: 1 };
    },
  });
  const figures = await alternate([contestant("a", 2), contestant("b", 1)], 3, { speed: "x/s", other: "s" }, silent);
  assert.deepEqual(order, ["a1", "b1", "a2", "b2", "a3", "b3"]);
  assert.deepEqual(figures, [
    { subject: "a", measure: "speed", unit: "x/s", samples: [2, 4, 6] },
    { subject: "b", measure: "speed", unit: "x/s", samples: [1, 2, 3] },
  ]);
  assert.deepEqual(ratio(figures, "speed", "a", "b").samples, [2, 2, 2]);
});

test("the step, the round and, once something has run, the time left are told", async () => {
  const told: string[] = [];
  const contestant = (name: string) => ({ name, run: async () => ({ speed: 1 }) });
  await alternate([contestant("a"), contestant("b")], 2, {}, { tell: (what) => told.push(what), clear() {} });
  assert.equal(told[0], "round 1 of 2: a");
  assert.match(told[1] ?? "", /^round 1 of 2: b, about 1 s left$/);
  assert.deepEqual(
    told.map((line) => line.replace(/,.*/, "")),
    ["round 1 of 2: a", "round 1 of 2: b", "round 2 of 2: a", "round 2 of 2: b"],
  );
});
