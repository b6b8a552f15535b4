import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../ports.ts";
import { createStrata } from "./stratum.ts";

const source: Source = {
  scope: "gs://b/",
  async *list() {},
  head: async () => undefined,
  async *read() {},
  close: async () => {},
};

function drawn(order: readonly number[], most: number): string[] {
  const strata = createStrata(most);
  for (const index of order) {
    const ref = { uri: `gs://b/${index}`, version: "1", size: 1000, updatedAt: "2026-01-01T00:00:00.000Z" };
    strata.add("text/plain", { source, ref });
  }
  return strata.all().flatMap((stratum) => stratum.drawn.map(({ ref }) => ref.uri));
}

test("the draw is the same in whatever order the objects are listed, and no more than asked for", () => {
  const order = Array.from({ length: 500 }, (_, index) => index);
  const first = drawn(order, 20);
  assert.equal(first.length, 20);
  assert.deepEqual(drawn(order.toReversed(), 20), first);
  assert.deepEqual(drawn(order, 10), first.slice(0, 10));
});

test("the draw is even: names that follow one another fall in and out", () => {
  const halves = drawn(
    Array.from({ length: 2000 }, (_, index) => index),
    200,
  ).map((uri) => Number(uri.slice("gs://b/".length)) < 1000);
  const below = halves.filter(Boolean).length;
  assert.ok(below > 70 && below < 130, `${below} of 200 from the first half`);
});

test("a stratum is of one kind and within a factor of four in size", () => {
  const strata = createStrata(10);
  const add = (kind: string, size: number) =>
    strata.add(kind, { source, ref: { uri: `gs://b/${kind}${size}`, version: "1", size, updatedAt: "" } });
  for (const size of [4, 15, 16, 63, 64]) add("a", size);
  add("b", 15);
  assert.deepEqual(
    strata.all().map(({ kind, documents, bytes, largest }) => [kind, documents, bytes, largest]),
    [
      ["a", 2, 19, 15],
      ["a", 2, 79, 63],
      ["a", 1, 64, 64],
      ["b", 1, 15, 15],
    ],
  );
});
