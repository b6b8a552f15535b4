import type { ChunkingOptions } from "../chunking/chunk.ts";
import { chunkDocument, chunkerVersion } from "../chunking/chunk.ts";
import { asPassage, createEmbeddingScheduler, type EmbeddingScheduler } from "../embedding.ts";
import { pipelineFingerprint } from "../identity.ts";
import type { Analyzer, Embedder, Parser, ParserRegistry, StoreWriter } from "../ports.ts";
import type { ObjectRef } from "../types.ts";

/** How documents become chunks, whatever becomes of the chunks. */
export interface Cutting {
  readonly registry: ParserRegistry;
  /** Names all that shapes a chunk and its vector, over all kinds of document. */
  readonly fingerprint: string;
  /** The same of what one parser reads alone; undefined for one that reads files of any kind. */
  fingerprintOf(parser: Parser): string | undefined;
  /** Every fingerprint that a document may have which was made as it would be made now. */
  readonly fingerprints: ReadonlySet<string>;
  /** How documents are cut; loads the model the first time, so only for a document that has text. */
  chunking(signal?: AbortSignal): Promise<ChunkingOptions>;
}

/** Everything a document passes through between its source and the index. */
export interface Pipeline extends Cutting {
  readonly analyzer: Analyzer;
  /** Of passages, given as they are. */
  readonly scheduler: EmbeddingScheduler;
  readonly writer: StoreWriter;
  /** Documents worth having in flight, so that the embedder never waits. */
  readonly concurrency: number;
  /** Cuts what was parsed. */
  readonly cut: typeof chunkDocument;
  /** Runs the work on one object, for who must know where it begins and ends. Absent: it is just run. */
  readonly around?: <Result>(ref: ObjectRef, work: () => Promise<Result>) => Promise<Result>;
}

/** An eighth of the model's window: about one long sentence of 32 tokens for a window of 256. */
const overlapShare = 0.125;

interface CuttingParts {
  readonly registry: ParserRegistry;
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
}

/** Joins the parts that shape a chunk, and names them: all of them, and those of each kind of document. */
export function createCutting({ registry, embedder, analyzer }: CuttingParts): Cutting {
  const maxTokens = embedder.limits.maxTokens;
  const overlapTokens = Math.floor(maxTokens * overlapShare);
  const named = (parsers: string) =>
    pipelineFingerprint({
      registry: parsers,
      chunker: `chunker@${chunkerVersion}/${maxTokens}/${overlapTokens}`,
      analyzer: `${analyzer.name}@${analyzer.version}`,
      identity: embedder.identity,
    });
  const fingerprint = named(registry.fingerprint);
  const byParser = new Map([...registry.fingerprints].map(([name, parsers]) => [name, named(parsers)]));
  return {
    registry,
    async chunking(signal) {
      const countTokens = await embedder.load(signal);
      const prefix = asPassage(embedder, "");
      // What stands before each passage takes its place in the model's window.
      return { maxTokens: maxTokens - (prefix === "" ? 0 : countTokens(prefix)), overlapTokens, countTokens };
    },
    fingerprint,
    fingerprintOf: ({ name }) => byParser.get(name),
    fingerprints: new Set([fingerprint, ...byParser.values()]),
  };
}

export function createPipeline(parts: CuttingParts & { readonly writer: StoreWriter }): Pipeline {
  const { embedder, analyzer, writer } = parts;
  const scheduler = createEmbeddingScheduler(embedder);
  return {
    ...createCutting(parts),
    cut: chunkDocument,
    analyzer,
    writer,
    scheduler: {
      embed: (texts, signal) =>
        scheduler.embed(
          texts.map((text) => asPassage(embedder, text)),
          signal,
        ),
    },
    concurrency: Math.max(
      Math.min(32, Math.max(4, embedder.limits.maxBatch * embedder.limits.maxConcurrency * 2)),
      writer.limits?.documentsInFlight ?? 0,
    ),
  };
}
