import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuse, rank, type ScoredChunk } from "./fusion.ts";

const hits = fc.uniqueArray(
  fc.record({ chunkId: fc.constantFrom(..."abcdefgh"), score: fc.double({ min: -5, max: 50, noNaN: true }) }),
  { selector: ({ chunkId }) => chunkId },
);
const weight = fc.double({ min: 0, max: 1, noNaN: true });

test("is the weighted sum of the normalised scores", () => {
  const vector = [score("a", 0.9), score("b", 0.5), score("c", 0.1)];
  const keyword = [score("c", 12), score("d", 6), score("a", 2)];
  const fused = fuse(vector, keyword, { vectorWeight: 0.7 });
  const rounded = fused.map(({ chunkId, score }) => [chunkId, Math.round(score * 1e6) / 1e6]);
  assert.deepEqual(rounded, [
    ["a", 0.7],
    ["b", 0.35],
    ["c", 0.3],
    ["d", 0.12],
  ]);
});

test("a list of equal scores counts in full", () => {
  assert.deepEqual(fuse([score("a", 0.2)], [], { vectorWeight: 0.7 }), [score("a", 0.7)]);
  assert.deepEqual(fuse([], [], { vectorWeight: 0.7 }), []);
});

test("scores stay from 0 to 1, best first, and do not depend on the order of the input", () => {
  fc.assert(
    fc.property(hits, hits, weight, (vector, keyword, vectorWeight) => {
      const fused = fuse(vector, keyword, { vectorWeight });
      assert.equal(fused.length, new Set([...vector, ...keyword].map(({ chunkId }) => chunkId)).size);
      for (const { score } of fused) assert.ok(score >= 0 && score <= 1 + 1e-9);
      assert.deepEqual(fused, rank([...fused]));
      assert.deepEqual(fused, fuse(vector.toReversed(), keyword.toReversed(), { vectorWeight }));
    }),
  );
});

function score(chunkId: string, value: number): ScoredChunk {
  return { chunkId, score: value };
}
