import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import { localWeaviate } from "../test/support/lambda/ingest.ts";
import { createSeeded } from "../test/support/seeded.ts";
import { suiteWithWeaviate } from "../test/support/weaviate.ts";
import { compareClients } from "./query-clients.ts";
import { fillStore } from "./store-fill.ts";
import { normalise } from "./vectors.ts";

const identity = { model: "bench", dimensions: 16, revision: "1" };
const words = ["harbour", "lighthouse", "tide", "anchor", "current", "island", "strait", "bridge"];
const silent = { tell() {}, clear() {} };

function vector(seed: number): Float32Array {
  const random = createSeeded(seed);
  return normalise(Float32Array.from({ length: identity.dimensions }, () => random() - 0.5));
}

const sentence = (seed: number) => [1, 3, 5].map((step) => words[(seed * step) % words.length]).join(" ");
const data = {
  vectors: Array.from({ length: 60 }, (_, position) => vector(position + 1)),
  text: (position: number) => `${sentence(position)} number ${position}`,
  // The words of one chunk and the vector of another: how the two rankings are weighed decides.
  queries: Array.from({ length: 8 }, (_, query) => ({ text: sentence(query), vector: vector(query + 12) })),
  origin: "random",
};

await suiteWithWeaviate("the query path by both clients", {}, (running) => {
  test("weaviate-client finds the passages that our reader finds, and every search is timed", async () => {
    const weaviate = running();
    const settings = localWeaviate(weaviate, weaviate.keys.admin);
    const writer = await createWeaviateStore(settings).openWriter(identity);
    await fillStore(writer, data, createEnglishAnalyzer(), silent).finally(() => writer.close());
    const figures = await compareClients(weaviate, identity, data, 3, 2, silent);
    const agreement = figures.find(({ measure }) => measure === "share of the same passages");
    assert.deepEqual(agreement?.samples, [1]);
    const timed = figures.filter(({ measure }) => measure === "p50" || measure === "p99");
    assert.deepEqual([...new Set(timed.map(({ subject }) => subject))].length, 5);
    for (const { samples } of timed) assert.ok(samples.length === 2 && samples.every((sample) => sample > 0));
  });
});
