import assert from "node:assert/strict";
import { test } from "node:test";
import { IsthmusError } from "./errors.ts";
import { soundHits } from "./hits.ts";
import type { SearchMode } from "./types.ts";

const hit = (chunkId: string, score: number) => ({ chunkId, score });
const refused = (mode: SearchMode, hits: readonly { chunkId: string; score: number }[], word: RegExp, limit = 3) =>
  assert.throws(
    () => soundHits(hits, { mode, limit }),
    (thrown) => thrown instanceof IsthmusError && thrown.code === "internal" && word.test(thrown.message),
  );

test("hits that break a rule of searches are refused by its name", () => {
  refused("hybrid", [hit("a", 1), hit("b", 0.5), hit("a", 0.1)], /chunk a was found twice/);
  refused("hybrid", [hit("a", 1.2)], /score of 1.2 by hybrid/);
  refused("hybrid", [hit("a", -0.1)], /score of -0.1/);
  refused("vector", [hit("a", 1.001)], /score of 1.001 by vector/);
  refused("keyword", [hit("a", -1)], /score of -1 by keyword/);
  for (const score of [Number.NaN, Number.POSITIVE_INFINITY]) refused("keyword", [hit("a", score)], /score of/);
  refused("vector", [hit("a", 0.1), hit("b", 0.2)], /score 0.2 below one with 0.1/);
  refused("vector", [hit("a", 1), hit("b", 1)], /2 hits where 1/, 1);
});

test("hits that keep them pass as they are", () => {
  const hits = [hit("a", 1.00001), hit("b", 1), hit("c", -1)];
  assert.equal(soundHits(hits, { mode: "vector", limit: 3 }), hits);
  soundHits([hit("a", 40), hit("b", 40), hit("c", 0)], { mode: "keyword", limit: 3 });
  soundHits([], { mode: "hybrid", limit: 1 });
});
