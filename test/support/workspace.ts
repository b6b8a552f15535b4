import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createEnglishAnalyzer } from "../../src/adapters/lexical/english.ts";
import { createParserRegistry } from "../../src/adapters/parser/registry.ts";
import { createDirectorySource } from "../../src/adapters/source/directory.ts";
import { createListingSpill } from "../../src/adapters/store/sqlite/spill.ts";
import { createSqliteStore } from "../../src/adapters/store/sqlite/store.ts";
import { createPipeline } from "../../src/core/ingest/pipeline.ts";
import { refreshObjects } from "../../src/core/ingest/refresh.ts";
import { runIngest } from "../../src/core/ingest/run.ts";
import type { IngestOptions, IngestSummary } from "../../src/core/ingest-types.ts";
import type { Embedder, Source, Store, StoreReader, StoreWriter } from "../../src/core/ports.ts";
import { createHashEmbedder } from "./hash-embedder.ts";

/** A folder for the documents and one for the index, both temporary. */
export interface Workspace {
  readonly documents: string;
  readonly data: string;
  path(name: string): string;
  remove(): void;
}

export function createWorkspace(): Workspace {
  const root = mkdtempSync(join(tmpdir(), "isthmus-test-"));
  const documents = join(root, "documents");
  const data = join(root, "data");
  mkdirSync(documents);
  mkdirSync(data);
  return {
    documents,
    data,
    path(name) {
      const path = join(documents, name);
      mkdirSync(dirname(path), { recursive: true });
      return path;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Of the parsers, small enough that a test can go over them. */
export const testLimits = { maxFileBytes: 2 ** 20, maxRecordBytes: 2 ** 16 } as const;

export interface TestEngine {
  readonly source: Source;
  readonly writer: StoreWriter;
  ingest(options?: IngestOptions): Promise<IngestSummary>;
  refresh(uris: readonly string[], options?: IngestOptions): Promise<IngestSummary>;
  read<Result>(use: (reader: StoreReader) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** The real engine over the real folder, parsers and store, with an embedder that needs no model. */
export async function openTestEngine(
  workspace: { readonly documents: string; readonly data: string },
  options: {
    embedder?: Embedder;
    wrapSource?: (source: Source) => Source;
    store?: Store;
    format?: "auto" | "lines";
  } = {},
): Promise<TestEngine> {
  const { embedder = createHashEmbedder(), wrapSource = (source) => source, format = "auto" } = options;
  const store = options.store ?? createSqliteStore({ directory: workspace.data });
  const writer = await store.openWriter(embedder.identity);
  const registry = createParserRegistry({ format, ...testLimits });
  const opened = await createDirectorySource(workspace.documents, { cacheFile: join(workspace.data, "scan.sqlite") });
  const source = wrapSource(opened);
  const pipeline = createPipeline({ registry, embedder, analyzer: createEnglishAnalyzer(), writer });
  return {
    source,
    writer,
    async ingest(ingestOptions) {
      const spill = createListingSpill(workspace.data);
      try {
        return await runIngest(pipeline, source, spill, { allowMassDelete: true, ...ingestOptions });
      } finally {
        spill.close();
      }
    },
    refresh: (uris, refreshOptions) =>
      refreshObjects(
        pipeline,
        source,
        uris.map((uri) => ({ uri })),
        refreshOptions,
      ),
    async read(use) {
      const reader = await store.openReader(embedder.identity);
      try {
        return await use(reader);
      } finally {
        await reader.close();
      }
    },
    async close() {
      await source.close();
      await registry.close();
      await writer.close();
    },
  };
}
