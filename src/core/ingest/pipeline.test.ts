import assert from "node:assert/strict";
import { test } from "node:test";
import type { Embedder, StoreWriter } from "../ports.ts";
import { createPipeline } from "./pipeline.ts";

function pipelineOf(prefixes?: Embedder["prefixes"]) {
  const embedded: string[] = [];
  const embedder: Embedder = {
    identity: { model: "m", dimensions: 1, revision: "1" },
    limits: { maxTokens: 64, maxBatch: 8, maxConcurrency: 1 },
    ...(prefixes && { prefixes }),
    load: async () => (text) => text.split(" ").filter((word) => word !== "").length,
    async embed(texts) {
      embedded.push(...texts);
      return texts.map(() => Float32Array.of(1));
    },
    close: async () => undefined,
  };
  const analyzer = { name: "words", version: 1, terms: async (text: string) => text.split(" ") };
  const registry = { fingerprint: "text@1", fingerprints: new Map(), select: () => assert.fail("not asked for") };
  return { pipeline: createPipeline({ registry, embedder, analyzer, writer: {} as StoreWriter }), embedded };
}

test("a passage is embedded as the model was trained to see one, and what stands before it takes its place in the window", async () => {
  const { pipeline, embedded } = pipelineOf({ question: "query: ", passage: "this passage: " });
  await pipeline.scheduler.embed(["one", "two"]);
  assert.deepEqual(embedded, ["this passage: one", "this passage: two"]);
  assert.equal((await pipeline.chunking()).maxTokens, 62);
});

test("without prefixes a passage is embedded as it is", async () => {
  const { pipeline, embedded } = pipelineOf();
  await pipeline.scheduler.embed(["one"]);
  assert.deepEqual(embedded, ["one"]);
  assert.equal((await pipeline.chunking()).maxTokens, 64);
});
