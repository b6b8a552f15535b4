import assert from "node:assert/strict";
import { test } from "node:test";
import { leftAtPace, leftInWords, leftOfAll, secondsLeft } from "./time-left.ts";

test("nothing is told before anything has run", () => {
  assert.equal(secondsLeft([{ done: [], total: 3 }]), undefined);
  assert.equal(leftInWords([{ done: [], total: 3 }]), "");
});

test("a kind takes as long as it usually did, and a kind that has not run yet as long as the others", () => {
  const slow = { done: [10, 12, 50], total: 5 };
  const unknown = { done: [], total: 2 };
  assert.equal(secondsLeft([slow]), 2 * 12);
  assert.equal(secondsLeft([slow, unknown]), 2 * 12 + 2 * 12);
  assert.equal(secondsLeft([slow, { done: [4], total: 2 }, unknown]), 2 * 12 + 4 + 2 * 8);
  assert.equal(secondsLeft([{ done: [1, 2], total: 2 }]), 0);
});

test("seconds, minutes and hours are told as a person would", () => {
  const left = (seconds: number) => leftInWords([{ done: [seconds], total: 2 }]);
  assert.equal(left(0.2), ", about 1 s left");
  assert.equal(left(89), ", about 89 s left");
  assert.equal(left(170), ", about 3 min left");
  assert.equal(left(2 * 3600 + 5 * 60), ", about 2 h 5 min left");
});

test("work in units goes on as fast as it went", () => {
  assert.equal(leftAtPace(0, 0, 100), "");
  assert.equal(leftAtPace(60, 25, 100), ", about 3 min left");
});

test("of several benches what is left is what they usually take, without what has passed", () => {
  assert.equal(leftOfAll([5, 12, 9], 60), " (about 25 min left of all)");
  // One that takes longer than usual does not eat up the time of the others.
  assert.equal(leftOfAll([5, 12, 9], 3600), " (about 21 min left of all)");
  assert.equal(leftOfAll([60, 90], 0), " (about 2 h 30 min left of all)");
  assert.equal(leftOfAll([undefined, 12], 0), "");
  assert.equal(leftOfAll([5, undefined], 0), "");
});
