import { createHash } from "node:crypto";
import type { Embedder } from "../../src/core/ports.ts";

/**
 * An embedder without a model: the vector is drawn from the text's digest. Tests of the engine use it where thousands of
 * texts pass and their meaning does not matter; the real model has tests of its own.
 */
export function createHashEmbedder(
  options: {
    dimensions?: number;
    maxTokens?: number;
    onEmbed?: (texts: readonly string[]) => void | Promise<void>;
  } = {},
): Embedder {
  const { dimensions = 16, maxTokens = 64, onEmbed } = options;
  return {
    identity: { model: "test/hash", dimensions, revision: "1" },
    limits: { maxTokens, maxBatch: 4, maxConcurrency: 2 },
    load: async () => (text) => text.split(/\s+/).filter((word) => word !== "").length,
    async embed(texts, signal) {
      signal?.throwIfAborted();
      await onEmbed?.(texts);
      return texts.map((text) => hashVector(text, dimensions));
    },
    async close() {},
  };
}

export function hashVector(text: string, dimensions: number): Float32Array {
  const digest = createHash("sha512").update(text).digest();
  const vector = Float32Array.from({ length: dimensions }, (_, index) => digest.readInt8(index % digest.length) + 0.5);
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
