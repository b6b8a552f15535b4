import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { compareOrder, compareRows, supersedes } from "./order.ts";
import type { DocumentRow } from "./types.ts";

const order = fc.record({ generation: fc.nat(3), reindex: fc.nat(3) }, { noNullPrototype: true });
const row = fc.record(
  {
    order,
    state: fc.constantFrom<DocumentRow["state"]>("indexed", "deleted"),
    committedAt: fc.constantFrom("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z"),
    attempt: fc.constantFrom("a", "b", "c"),
  },
  { noNullPrototype: true },
);

test("orders compare by generation, then by re-indexing", () => {
  assert.ok(compareOrder({ generation: 2, reindex: 0 }, { generation: 1, reindex: 9 }) > 0);
  assert.ok(compareOrder({ generation: 1, reindex: 0 }, { generation: 1, reindex: 1 }) < 0);
  assert.equal(compareOrder({ generation: 1, reindex: 1 }, { generation: 1, reindex: 1 }), 0);
});

test("the current row does not depend on the order in which the rows are seen", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.nat(), (rows, turn) => {
      const settle = (list: readonly (typeof rows)[number][]) =>
        list.reduce<(typeof rows)[number] | undefined>((now, next) => (supersedes(next, now) ? next : now), undefined);
      const turned = [...rows.slice(turn % rows.length), ...rows.slice(0, turn % rows.length)].reverse();
      assert.deepEqual(settle(rows), settle(turned));
    }),
  );
});

test("rows are in a total order: of two that differ one stands above the other, and it goes on over three", () => {
  fc.assert(
    fc.property(row, row, row, (a, b, c) => {
      assert.equal(Math.sign(compareRows(a, b)), -Math.sign(compareRows(b, a)) || 0);
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(compareRows(a, b) === 0, same);
      if (compareRows(a, b) < 0 && compareRows(b, c) < 0) assert.ok(compareRows(a, c) < 0);
    }),
  );
});

test("a tombstone wins over an indexed row of its order, however late that is, and loses to a greater one", () => {
  const at = (generation: number, state: DocumentRow["state"], committedAt = "2026") => ({
    order: { generation, reindex: 0 },
    state,
    committedAt,
    attempt: "",
  });
  assert.equal(supersedes(at(1, "deleted"), at(1, "indexed", "2027")), true);
  assert.equal(supersedes(at(1, "indexed", "2027"), at(1, "deleted")), false);
  assert.equal(supersedes(at(2, "indexed"), at(1, "deleted", "2027")), true);
  assert.equal(supersedes(at(1, "indexed"), undefined), true);
});
