import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { traceOf } from "./trace.ts";

const traceIdOf = (header: string | undefined) =>
  traceOf(new Headers(header === undefined ? {} : { traceparent: header.replaceAll("\n", " ") })).traceId;

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";

describe("the trace id", () => {
  for (const header of [
    `00-${traceId}-${parent}-01`,
    ` 00-${traceId}-${parent}-00 `,
    `cc-${traceId}-${parent}-01-later`,
  ]) {
    it(`is the caller's: ${header}`, () => assert.equal(traceIdOf(header), traceId));
  }

  for (const header of [
    undefined,
    "",
    traceId,
    `00-${traceId}-${parent}`,
    `00-${traceId}-${parent}-01-more`,
    `ff-${traceId}-${parent}-01`,
    `00-${"0".repeat(32)}-${parent}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parent}-01`,
    `00-${traceId}-${parent}-01\n`.repeat(2),
  ]) {
    it(`is a new one: ${JSON.stringify(header)}`, () => {
      const made = traceIdOf(header);
      assert.match(made, /^[0-9a-f]{32}$/);
      assert.notEqual(made, traceId);
      assert.notEqual(made, traceIdOf(header));
    });
  }
});
