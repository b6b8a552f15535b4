import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../test/support/fast-check.ts";
import { alone, fuse, measuresOthers, rank, type ScoredChunk } from "./fusion.ts";

const hits = fc
  .uniqueArray(
    fc.record({ chunkId: fc.constantFrom(..."abcdefgh"), score: fc.double({ min: -5, max: 50, noNaN: true }) }),
    { selector: ({ chunkId }) => chunkId },
  )
  .map((list) => rank([...list]));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const depth = 100;

test("is the weighted sum of the shares of the best, and says where each chunk stands", () => {
  const vector = [score("a", 0.8), score("b", 0.4), score("c", 0.2)];
  const keyword = [score("c", 12), ...[..."defgh"].map((id) => score(id, 12))];
  const fused = fuse({ vector, keyword, depth });
  const rounded = new Map(fused.map(({ chunkId, score }) => [chunkId, Math.round(score * 1e6) / 1e6]));
  assert.equal(rounded.get("a"), 0.75);
  assert.equal(rounded.get("b"), 0.375);
  assert.equal(rounded.get("c"), 0.75 * 0.25 + 0.25);
  assert.equal(rounded.get("d"), 0.25);
  assert.deepEqual(fused.find(({ chunkId }) => chunkId === "c")?.rankings, {
    vector: { rank: 3, score: 0.2 },
    keyword: { rank: 1, score: 12 },
  });
  assert.deepEqual(fused.find(({ chunkId }) => chunkId === "d")?.rankings, { keyword: { rank: 2, score: 12 } });
});

test("a weak hit stays weak: the best cosine is worth what it is, whatever comes after it", () => {
  const close = fuse({ vector: [score("a", 0.5), score("b", 0.49)], keyword: [], depth });
  assert.ok((close[1]?.score ?? 0) > 0.97 * (close[0]?.score ?? 0));
});

test("the only chunk with the word comes before the nearest one without it", () => {
  const vector = Array.from({ length: depth }, (_, at) => score(`v${at}`, 0.3 - at * 0.001));
  const keyword = [score("exact", 9), score("v0", 2)];
  assert.equal(fuse({ vector, keyword, depth, unfamiliar: 0.5 })[0]?.chunkId, "exact");
  const crowd = Array.from({ length: 10 }, (_, at) => score(`v${50 + at}`, 9 - at * 0.01));
  assert.equal(fuse({ vector, keyword: [...crowd, score("other", 1)], depth })[0]?.chunkId, "v50");
  const none = fuse({ vector, keyword: crowd.map(({ score: each }, at) => score(`k${at}`, each)), depth: 1_000 });
  assert.equal(none[0]?.chunkId, "v0", "words that many chunks have do not decide alone");
});

test("what was cut off the ranking by vector counts as its last, what was not there as nothing", () => {
  const vector = [score("a", 0.5), score("b", 0.4)];
  const keyword = [score("c", 3)];
  const of = (depth: number) => fuse({ vector, keyword, depth }).find(({ chunkId }) => chunkId === "c")?.score ?? 0;
  assert.ok(of(2) > of(3));
});

test("scores stay from 0 to 1, best first, and the best of both has 1", () => {
  fc.assert(
    fc.property(hits, hits, share, (vector, keyword, unfamiliar) => {
      const fused = fuse({ vector, keyword, depth, unfamiliar });
      assert.equal(fused.length, new Set([...vector, ...keyword].map(({ chunkId }) => chunkId)).size);
      for (const { score } of fused) assert.ok(score >= 0 && score <= 1 + 1e-9);
      assert.deepEqual(fused, rank([...fused]));
      const [first] = vector;
      if (first === undefined || first.chunkId !== keyword[0]?.chunkId) return;
      assert.ok((fused[0]?.score ?? 0) > 1 - 1e-9);
    }),
  );
  assert.deepEqual(fuse({ vector: [], keyword: [], depth }), []);
});

test("the more strange the words, the more keywords count", () => {
  fc.assert(
    fc.property(hits, hits, share, (vector, keyword, unfamiliar) => {
      const [best] = keyword;
      if (best === undefined) return;
      const of = (value: number) =>
        fuse({ vector, keyword, depth, unfamiliar: value }).find(({ chunkId }) => chunkId === best.chunkId)?.score ?? 0;
      assert.ok(of(1) >= of(unfamiliar) - 1e-9 && of(unfamiliar) >= of(0) - 1e-9);
    }),
  );
});

test("one ranking alone keeps its scores, and says its places", () => {
  const ranked = alone("keyword", [score("b", 3), score("a", 1)]);
  assert.deepEqual(ranked[1], { chunkId: "a", score: 1, rankings: { keyword: { rank: 2, score: 1 } } });
  assert.equal(measuresOthers({ keyword: { rank: 2, score: 1 } }), true);
  assert.equal(measuresOthers({ vector: { rank: 2, score: 1 }, keyword: { rank: 7, score: 1 } }), false);
});

function score(chunkId: string, value: number): ScoredChunk {
  return { chunkId, score: value };
}
