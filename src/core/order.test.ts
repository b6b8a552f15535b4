import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attemptKey, compareOrder, isRetiredBy, supersedes } from "./order.ts";
import type { Attempt, DocumentRow } from "./types.ts";

const order = fc.record({ generation: fc.nat(3), reindex: fc.nat(3) }, { noNullPrototype: true });
const row = fc.record(
  { order, state: fc.constantFrom<DocumentRow["state"]>("indexed", "deleted") },
  { noNullPrototype: true },
);
const attempt: fc.Arbitrary<Attempt> = fc.record({
  uri: fc.constantFrom("a", "b"),
  order,
  version: fc.constantFrom("1", "2"),
  fingerprint: fc.constantFrom("x", "y"),
});

test("orders compare by generation, then by re-indexing", () => {
  assert.ok(compareOrder({ generation: 2, reindex: 0 }, { generation: 1, reindex: 9 }) > 0);
  assert.ok(compareOrder({ generation: 1, reindex: 0 }, { generation: 1, reindex: 1 }) < 0);
  assert.equal(compareOrder({ generation: 1, reindex: 1 }, { generation: 1, reindex: 1 }), 0);
});

test("the current row does not depend on the order of the commits", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.nat(), (rows, turn) => {
      const settle = (list: readonly (typeof rows)[number][]) =>
        list.reduce<(typeof rows)[number] | undefined>((now, next) => (supersedes(next, now) ? next : now), undefined);
      const turned = [...rows.slice(turn % rows.length), ...rows.slice(0, turn % rows.length)].reverse();
      assert.deepEqual(settle(rows), settle(turned));
    }),
  );
});

test("a tombstone wins over an indexed row of its order and loses to a greater one", () => {
  const at = (generation: number, state: DocumentRow["state"]) => ({ order: { generation, reindex: 0 }, state });
  assert.equal(supersedes(at(1, "deleted"), at(1, "indexed")), true);
  assert.equal(supersedes(at(1, "indexed"), at(1, "deleted")), false);
  assert.equal(supersedes(at(2, "indexed"), at(1, "deleted")), true);
  assert.equal(supersedes(at(1, "indexed"), undefined), true);
});

test("of two different attempts at one URI at least one retires the other, and none retires itself", () => {
  fc.assert(
    fc.property(attempt, attempt, (a, b) => {
      assert.equal(isRetiredBy(a, a), false);
      const different = attemptKey(a) !== attemptKey(b) && a.uri === b.uri;
      assert.equal(isRetiredBy(a, b) || isRetiredBy(b, a), different);
    }),
  );
});
