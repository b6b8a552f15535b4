import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSeeded } from "../test/support/seeded.ts";
import { extendVectors } from "./extend.ts";
import { makeTexts, sentenceWindows, shortWords } from "./texts.ts";
import { dot, nearest, normalise } from "./vectors.ts";
import { readVectors, writeVectors } from "./vectors-file.ts";

function randomVectors(count: number, seed: number): Float32Array[] {
  const random = createSeeded(seed);
  return Array.from({ length: count }, () => normalise(Float32Array.from({ length: 16 }, () => random() - 0.5)));
}

test("nearest agrees with sorting everything", () => {
  const vectors = randomVectors(200, 1);
  for (const query of randomVectors(20, 2)) {
    const sorted = vectors
      .map((vector, position) => ({ position, score: dot(query, vector) }))
      .sort((left, right) => right.score - left.score)
      .map(({ position }) => position);
    assert.deepEqual(nearest(query, vectors, 10), sorted.slice(0, 10));
  }
});

test("extended vectors begin with the real ones, have length 1, and lie near a real one without being it", () => {
  const base = randomVectors(50, 3);
  const vectors = extendVectors(base, 400);
  assert.equal(vectors.length, 400);
  assert.deepEqual(vectors.slice(0, 50), base);
  assert.deepEqual(vectors, extendVectors(base, 400));
  for (const vector of vectors.slice(50)) {
    assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5);
    const cosine = Math.max(...base.map((other) => dot(vector, other)));
    assert.ok(cosine > 0.6 && cosine < 0.99999, String(cosine));
  }
});

test("texts made from the repository repeat, are distinct, and keep to their bounds", async () => {
  const texts = await makeTexts(500, shortWords, undefined);
  assert.deepEqual(texts, await makeTexts(500, shortWords, undefined));
  assert.equal(new Set(texts).size, 500);
  for (const text of texts) {
    const words = text.split(" ").length;
    assert.ok(words >= shortWords.least && words <= shortWords.most, text);
  }
});

test("windows are neighbouring sentences of one document", () => {
  const windows = sentenceWindows([["a.", "b.", "c."], ["d."]]);
  assert.deepEqual(windows.toSorted(), ["a.", "a. b.", "a. b. c.", "b.", "b. c.", "c.", "d."]);
});

test("vectors come back from a file as they were", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-bench-vectors-"));
  try {
    const vectors = randomVectors(7, 4);
    await writeVectors(join(folder, "v.f32"), vectors);
    assert.deepEqual(await readVectors(join(folder, "v.f32"), 16), vectors);
  } finally {
    await rm(folder, { recursive: true });
  }
});
