import type { ChunkingOptions } from "../chunking/chunk.ts";
import { chunkerVersion } from "../chunking/chunk.ts";
import { createEmbeddingScheduler, type EmbeddingScheduler } from "../embedding.ts";
import { pipelineFingerprint } from "../identity.ts";
import type { Analyzer, Embedder, ParserRegistry, StoreWriter } from "../ports.ts";

/** Everything a document passes through between its source and the index. */
export interface Pipeline {
  readonly registry: ParserRegistry;
  readonly analyzer: Analyzer;
  readonly scheduler: EmbeddingScheduler;
  readonly writer: StoreWriter;
  readonly fingerprint: string;
  /** Documents worth having in flight, so that the embedder never waits. */
  readonly concurrency: number;
  /** How documents are cut; loads the model the first time, so only for a document that has text. */
  chunking(signal?: AbortSignal): Promise<ChunkingOptions>;
}

/** An eighth of the model's window: about one long sentence of 32 tokens for a window of 256. */
const overlapShare = 0.125;

/** Joins the parts, and names them by one fingerprint. */
export function createPipeline(parts: {
  readonly registry: ParserRegistry;
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly writer: StoreWriter;
}): Pipeline {
  const { registry, embedder, analyzer, writer } = parts;
  const maxTokens = embedder.limits.maxTokens;
  const overlapTokens = Math.floor(maxTokens * overlapShare);
  return {
    registry,
    analyzer,
    writer,
    chunking: async (signal) => ({ maxTokens, overlapTokens, countTokens: await embedder.load(signal) }),
    scheduler: createEmbeddingScheduler(embedder),
    fingerprint: pipelineFingerprint({
      registry: registry.fingerprint,
      chunker: `chunker@${chunkerVersion}/${maxTokens}/${overlapTokens}`,
      analyzer: `${analyzer.name}@${analyzer.version}`,
      identity: embedder.identity,
    }),
    concurrency: Math.max(
      Math.min(32, Math.max(4, embedder.limits.maxBatch * embedder.limits.maxConcurrency * 2)),
      writer.limits?.documentsInFlight ?? 0,
    ),
  };
}
