import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import { createParserRegistry } from "../../src/adapters/parser/registry.ts";
import { createListingSpill } from "../../src/adapters/store/sqlite/spill.ts";
import { createSqliteStore } from "../../src/adapters/store/sqlite/store.ts";
import { createPipeline, type Pipeline } from "../../src/core/ingest/pipeline.ts";
import { refreshObjects, removeScope } from "../../src/core/ingest/refresh.ts";
import { runIngest } from "../../src/core/ingest/run.ts";
import type { IngestOptions, IngestSummary } from "../../src/core/ingest-types.ts";
import type { Embedder, ParserRegistry, Source, StoreReader, StoreWriter } from "../../src/core/ports.ts";
import type { ManifestEntry } from "../../src/core/types.ts";
import { createHashEmbedder } from "./hash-embedder.ts";

export interface BucketEngine {
  readonly pipeline: Pipeline;
  /** The store's own writer, not wrapped: what another process would do to the index. */
  readonly store: StoreWriter;
  ingest(source: Source, options?: IngestOptions): Promise<IngestSummary>;
  refresh(source: Source, uris: readonly string[], options?: IngestOptions): Promise<IngestSummary>;
  remove(scope: string, options?: IngestOptions): Promise<IngestSummary>;
  entry(uri: string): Promise<ManifestEntry>;
  /** The contents under the prefix that hold the word, sorted. */
  found(word: string, prefix?: string): Promise<string[]>;
  /** The same index under another pipeline (other settings give another fingerprint). */
  withRegistry(registry: ParserRegistry): BucketEngine;
}

/** The engine over the real store and the real parsers; the source and the writer's behaviour are the test's own. */
export async function openBucketEngine(
  context: TestContext,
  options: {
    readonly embedder?: Embedder;
    readonly registry?: ParserRegistry;
    readonly wrapWriter?: (writer: StoreWriter) => StoreWriter;
  } = {},
): Promise<BucketEngine> {
  const { embedder = createHashEmbedder(), wrapWriter = (writer) => writer } = options;
  const data = mkdtempSync(join(tmpdir(), "isthmus-bucket-"));
  const store = createSqliteStore({ directory: data });
  const writer = await store.openWriter(embedder.identity);
  const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 20, maxRecordBytes: 2 ** 16 });
  let reader: StoreReader | undefined;
  context.after(async () => {
    await reader?.close();
    await registry.close();
    await writer.close();
    rmSync(data, { recursive: true, force: true });
  });
  const build = (parsers: ParserRegistry): BucketEngine => {
    const analyzer = createEnglishAnalyzer();
    const pipeline = createPipeline({ registry: parsers, embedder, analyzer, writer: wrapWriter(writer) });
    return {
      pipeline,
      store: writer,
      async ingest(source, ingestOptions) {
        const spill = createListingSpill(data);
        try {
          return await runIngest(pipeline, source, spill, ingestOptions);
        } finally {
          spill.close();
        }
      },
      refresh: (source, uris, refreshOptions) =>
        refreshObjects(
          pipeline,
          source,
          uris.map((uri) => ({ uri })),
          refreshOptions,
        ),
      remove: (scope, removeOptions) => removeScope(pipeline, scope, removeOptions),
      async entry(uri) {
        const [entry] = await writer.entries([uri]);
        return entry ?? { uri };
      },
      async found(word, prefix = "") {
        reader ??= await store.openReader(embedder.identity);
        const hits = await reader.search({ mode: "keyword", terms: [word], limit: 1000, filter: { uri: prefix } });
        return hits.map((hit) => hit.content).sort();
      },
      withRegistry: build,
    };
  };
  return build(options.registry ?? registry);
}
