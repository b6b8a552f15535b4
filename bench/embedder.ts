import { createOnnxEmbedder } from "../src/adapters/embedder/onnx.ts";
import { bundledModelDirectory } from "../src/adapters/model/bundled.ts";
import { createEmbeddingScheduler } from "../src/core/embedding.ts";
import type { Embedder } from "../src/core/ports.ts";

export interface BenchEmbedder {
  readonly port: Embedder;
  /** Embeds as ingestion does: through the scheduler, with as many calls in flight as the embedder wants. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  /** Tokens the model reads: special tokens counted, truncated at its limit. */
  tokens(texts: readonly string[]): number;
  close(): Promise<void>;
}

/** The embedder that ships, with one worker a core. */
export async function openEmbedder(workers: number): Promise<BenchEmbedder> {
  const port = await createOnnxEmbedder({ directory: bundledModelDirectory(), workers });
  const countTokens = await port.load();
  const scheduler = createEmbeddingScheduler(port);
  return {
    port,
    embed: (texts) => scheduler.embed(texts),
    tokens: (texts) => texts.reduce((sum, text) => sum + Math.min(countTokens(text) + 2, port.limits.maxTokens), 0),
    close: () => port.close(),
  };
}
