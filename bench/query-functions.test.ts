import assert from "node:assert/strict";
import { test } from "node:test";
import { coresNotes } from "./prototype-function.ts";
import { timings } from "./query-functions.ts";

test("the parts of a query are read from server-timing", () => {
  assert.deepEqual(timings({ "server-timing": "embed;dur=4.10, search;dur=6" }), { embed: 4.1, search: 6 });
});

test("an answer that does not tell its parts is an error, not a figure", () => {
  assert.throws(() => timings({}), /server-timing is "".* does not tell embed/);
  assert.throws(() => timings({ "server-timing": "embed;dur=4.10, research;dur=6" }), /does not tell search/);
  assert.throws(() => timings({ "server-timing": "embed;dur=x, search;dur=6" }), /does not tell embed/);
});

test("another number of cores than the budget's is noted", () => {
  assert.deepEqual(coresNotes({ cores: 2 }), []);
  assert.match(coresNotes({ cores: 8 }).join(), /^not on 2 cores: 8/);
});
