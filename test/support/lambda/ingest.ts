import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOnnxEmbedder } from "../../../src/adapters/embedder/onnx.ts";
import { createAnalyzer } from "../../../src/adapters/lexical/analyzer.ts";
import { bundledModelDirectory } from "../../../src/adapters/model/bundled.ts";
import { createParserRegistry } from "../../../src/adapters/parser/registry.ts";
import { createDirectorySource } from "../../../src/adapters/source/directory.ts";
import { createListingSpill } from "../../../src/adapters/store/sqlite/spill.ts";
import { fixedKey } from "../../../src/adapters/store/weaviate/keys.ts";
import type { WeaviateSettings } from "../../../src/adapters/store/weaviate/settings.ts";
import { createWeaviateStore } from "../../../src/adapters/store/weaviate/store.ts";
import { createPipeline } from "../../../src/core/ingest/pipeline.ts";
import { runIngest } from "../../../src/core/ingest/run.ts";
import type { IngestSummary } from "../../../src/core/ingest-types.ts";

/** How tests and local runs reach a Weaviate of one node. */
export function localWeaviate(urls: { readonly url: string; readonly grpcUrl: string }, key: string): WeaviateSettings {
  return {
    url: urls.url,
    grpcUrl: urls.grpcUrl,
    keys: fixedKey(key),
    collection: "Document",
    replicationFactor: 1,
    readConsistency: "QUORUM",
    writeConsistency: "QUORUM",
    rangeKeys: [],
    timeoutMs: 30_000,
  };
}

/** Ingests a folder into Weaviate with the real parsers, the model that ships and real vectors. */
export async function ingestFolder(documents: string, weaviate: WeaviateSettings): Promise<IngestSummary> {
  const scratch = await mkdtemp(join(tmpdir(), "isthmus-ingest-"));
  const embedder = await createOnnxEmbedder({ directory: bundledModelDirectory() });
  const registry = createParserRegistry({ format: "auto", maxFileBytes: 2 ** 25, maxRecordBytes: 2 ** 20 });
  const source = await createDirectorySource(documents, { cacheFile: join(scratch, "scan.sqlite") });
  const spill = createListingSpill(scratch);
  try {
    const writer = await createWeaviateStore(weaviate).openWriter(embedder.identity);
    try {
      const pipeline = createPipeline({ registry, embedder, analyzer: createAnalyzer(), writer });
      return await runIngest(pipeline, source, spill);
    } finally {
      await writer.close();
    }
  } finally {
    spill.close();
    await Promise.all([source.close(), registry.close(), embedder.close()]);
    await rm(scratch, { recursive: true, force: true });
  }
}
