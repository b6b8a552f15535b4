import { readSecretByExtension } from "../adapters/aws/secrets-extension.ts";
import { readSecret } from "../adapters/aws/secrets-manager.ts";
import { createStoreKey } from "../adapters/aws/store-key.ts";
import { createDirectOnnxEmbedder } from "../adapters/embedder/onnx-direct.ts";
import { createAnalyzer } from "../adapters/lexical/analyzer.ts";
import { bundledModelDirectory } from "../adapters/model/bundled.ts";
import type { KeySource } from "../adapters/store/weaviate/settings.ts";
import { createWeaviateStore } from "../adapters/store/weaviate/store.ts";
import type { QueryFunctionSettings } from "../config/query-function.ts";
import type { Embedder } from "../core/ports.ts";
import { createRetriever } from "../core/retrieve.ts";
import type { Finding } from "./finding.ts";
import type { QueryEngine } from "./query-engine.ts";
import type { Telemetry } from "./telemetry.ts";
import { diagnoseWay } from "./weaviate-way.ts";

/** The parts of the query function, one query at a time, each opened by itself: what failed is opened again. */
export interface QueryFunction {
  /** The model that ships, on the calling thread, after its first run. */
  loadModel(): Promise<Embedder>;
  /** Opens the connection to the store without a key. */
  connect(): Promise<void>;
  /** Walks the way to the store, step by step. */
  diagnose(): AsyncIterable<Finding>;
  /** Reads the key and opens the index for searching. */
  openEngine(embedder: Embedder): Promise<QueryEngine>;
}

/** @param telemetry what watches the parts, where that is wanted. */
export function createQueryFunction(settings: QueryFunctionSettings, telemetry?: Telemetry): QueryFunction {
  const { weaviate, rangeKeys } = settings;
  const access = { ...weaviate, rangeKeys, keys: keysOf(settings), timeoutMs: requestMs, wire: telemetry?.wire };
  const store = createWeaviateStore(access);
  return {
    async loadModel() {
      const embedder = await createDirectOnnxEmbedder(bundledModelDirectory());
      await embedder.load();
      return telemetry?.embedder(embedder) ?? embedder;
    },
    connect: () => store.prepareReader(),
    async *diagnose() {
      const { identity } = await createDirectOnnxEmbedder(bundledModelDirectory());
      yield* diagnoseWay(access, identity);
    },
    async openEngine(embedder) {
      const opened = telemetry?.store(store) ?? store;
      const reader = await opened.openReader(embedder.identity);
      const retriever = createRetriever({ embedder, analyzer: createAnalyzer(), reader });
      return {
        identity: embedder.identity,
        retriever: telemetry?.retriever(retriever) ?? retriever,
        reader,
        close: () => reader.close(),
      };
    },
  };
}

/** Milliseconds for one request to the store where its caller sets no limit. */
const requestMs = 10_000;

function keysOf(settings: QueryFunctionSettings): KeySource {
  const { platform, secretId, weaviate } = settings;
  if (secretId === undefined) return { current: async () => weaviate.apiKey, refresh: async () => weaviate.apiKey };
  const { credentials, extensionPort, region, secretsManagerEndpoint } = platform;
  return createStoreKey(
    () => readSecretByExtension(secretId, { port: extensionPort, sessionToken: credentials.sessionToken }),
    () =>
      readSecret(secretId, {
        region,
        credentials,
        ...(secretsManagerEndpoint !== undefined && { endpoint: secretsManagerEndpoint }),
      }),
  );
}
