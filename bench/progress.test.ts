import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgress } from "./progress.ts";

/** What is written where nobody looks, or on a terminal of so many columns; and a clock to turn. */
function recorded(terminal: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = [];
  const clock = { now: 0 };
  const output = { ...terminal, write: (text: string) => written.push(text) };
  const number = 2;
  return {
    written,
    clock,
    progress: createProgress(
      () => `${number} of 9, embed`,
      output,
      () => clock.now,
    ),
  };
}

test("in a log the first step is told, and then one every half a minute", () => {
  const { written, clock, progress } = recorded({});
  for (clock.now = 0; clock.now <= 61_000; clock.now += 1000) progress.tell(`step ${clock.now / 1000}`);
  progress.clear();
  assert.deepEqual(written, ["2 of 9, embed: step 0\n", "2 of 9, embed: step 30\n", "2 of 9, embed: step 60\n"]);
});

test("in a log a long step that began soon after another one is told all the same, unless it is over", ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { written, clock, progress } = recorded({});
  const pass = (ms: number) => {
    clock.now += ms;
    mock.timers.tick(ms);
  };
  progress.tell("short");
  pass(1000);
  progress.tell("shorter");
  pass(1000);
  progress.tell("long");
  pass(29_000);
  assert.deepEqual(written, ["2 of 9, embed: short\n", "2 of 9, embed: long\n"]);
  progress.tell("the last one");
  progress.clear();
  pass(60_000);
  assert.equal(written.length, 2);
});

test("on a terminal every step overwrites the one before and keeps to its width", () => {
  const { written, progress } = recorded({ isTTY: true, columns: 20 });
  progress.tell("one");
  progress.tell("two, which is longer");
  progress.clear();
  const erase = "\r\u001B[2K";
  assert.deepEqual(written, [`${erase}2 of 9, embed: one`, `${erase}2 of 9, embed: two,`, erase]);
});
