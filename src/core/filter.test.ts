import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { IsthmusError } from "./errors.ts";
import { afterPrefix, metadataText, rangeBounds, rangePoint, validateFilter } from "./filter.ts";

test("the end of a prefix's range parts what starts with it from what does not", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "%", "é", "\ud7ff", "\ue000", "～", "🙂", "\u{10ffff}"),
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const end = afterPrefix(prefix);
      const inside = compare(other, prefix) >= 0 && (end === undefined || compare(other, end) < 0);
      assert.equal(inside, other.startsWith(prefix));
    }),
    { numRuns: 2_000 },
  );
});

test("numbers and ISO dates stand on an axis, anything else on none", () => {
  assert.deepEqual(rangePoint("2024"), { axis: "number", at: 2024 });
  assert.deepEqual(rangePoint(" -1.5e3 "), { axis: "number", at: -1500 });
  assert.deepEqual(rangePoint("2024-02-03"), { axis: "date", at: Date.UTC(2024, 1, 3) });
  assert.deepEqual(rangePoint("2024-02-03T04:05"), { axis: "date", at: Date.UTC(2024, 1, 3, 4, 5) });
  assert.deepEqual(rangePoint("2024-02-03T04:05:06+01:00"), { axis: "date", at: Date.UTC(2024, 1, 3, 3, 5, 6) });
  assert.deepEqual(rangePoint(["2024"]), { axis: "number", at: 2024 });
  assert.deepEqual([rangePoint([]), rangePoint([1, 2])], [undefined, undefined]);
  for (const value of ["", "abc", "1,5", "2024-13-01", "3 Feb 2024", true, Number.NaN, "0x10"]) {
    assert.equal(rangePoint(value), undefined, String(value));
  }
});

test("a day or a month as the upper bound includes all of it", () => {
  assert.equal(rangeBounds("d", { to: "2024-02-29" }).to, Date.UTC(2024, 2, 1) - 1);
  assert.equal(rangeBounds("d", { to: "2023-12" }).to, Date.UTC(2024, 0, 1) - 1);
  assert.equal(rangeBounds("d", { to: "2024-02-29T00:00:00Z" }).to, Date.UTC(2024, 1, 29));
  assert.deepEqual(rangeBounds("n", { from: "3" }), { axis: "number", from: 3, to: Number.MAX_VALUE });
});

test("values compare as they are written, in NFC, a whole number without its .0", () => {
  for (const value of ["1", "1.0", "1.000", 1]) assert.equal(metadataText(value), "1");
  for (const text of ["1.10", "1.1", "1.0.0", "v1.0", "1.", ".0", "1.0 ", "1,0"])
    assert.equal(metadataText(text), text);
  assert.equal(metadataText("Cafe\u0301"), "Café");
});

test("a refused range says which key, and how to declare it", () => {
  assert.throws(
    () => validateFilter({ range: { size: { from: 1 } } }, ["year"]),
    (thrown) =>
      thrown instanceof IsthmusError &&
      thrown.field === "filter.range.size" &&
      thrown.message.includes("ISTHMUS_RANGE_KEYS"),
  );
  validateFilter({ uri: "a", metadata: { k: [1, "b", true] }, range: { year: { to: 5 } } }, ["year"]);
});

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

test("a filter is bounded in keys, in their length and in its URI, whoever asks", () => {
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`key ${at}`, "x"]));
  validateFilter({ metadata: keys(32) }, []);
  assert.throws(() => validateFilter({ metadata: keys(33) }, []), { code: "query_invalid", field: "filter.metadata" });
  assert.throws(() => validateFilter({ metadata: { ["k".repeat(201)]: "x" } }, []), { code: "query_invalid" });
  assert.throws(() => validateFilter({ uri: "u".repeat(4_097) }, []), { code: "query_invalid", field: "filter.uri" });
});
