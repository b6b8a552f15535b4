import assert from "node:assert/strict";
import { test } from "node:test";
import { failureText } from "./failure.ts";
import { Unavailable } from "./unavailable.ts";

test("what a machine lacks is told in its own words, a defect with where it came from and its cause", () => {
  assert.equal(failureText(new Unavailable("Weaviate is missing: install Go")), "Weaviate is missing: install Go");
  const text = failureText(new Error("broken", { cause: new Error("the socket closed") }));
  assert.match(text, /broken/);
  assert.match(text, /failure\.test\.ts/);
  assert.match(text, /the socket closed/);
});
