import { readSecretByExtension } from "../adapters/aws/secrets-extension.ts";
import { readSecret } from "../adapters/aws/secrets-manager.ts";
import { createStoreKey, type StoreKey } from "../adapters/aws/store-key.ts";
import { createDirectOnnxEmbedder } from "../adapters/embedder/onnx-direct.ts";
import { createEnglishAnalyzer } from "../adapters/lexical/english.ts";
import { bundledModelDirectory } from "../adapters/model/bundled.ts";
import type { QueryFunctionSettings } from "../config/query-function.ts";
import type { Embedder } from "../core/ports.ts";
import { createRetriever } from "../core/retrieve.ts";
import type { QueryEngine } from "./engine.ts";

/** The parts of the query function, one query at a time, each opened by itself: what failed is opened again. */
export interface QueryFunction {
  /** The model that ships, on the calling thread, after its first run. */
  loadModel(): Promise<Embedder>;
  /** Opens the connection to the store without a key. */
  connect(): Promise<void>;
  /** Reads the key and opens the index for searching. */
  openEngine(embedder: Embedder): Promise<QueryEngine>;
}

export function createQueryFunction(settings: QueryFunctionSettings): QueryFunction {
  const storeKey = settings.secretId === undefined ? undefined : awsStoreKey(settings.secretId, settings);
  void storeKey;
  return {
    loadModel: () => createDirectOnnxEmbedder(bundledModelDirectory()),
    connect: async () => {},
    async openEngine(embedder) {
      const reader = await (async () => {
        throw new Error("soon");
      })();
      return {
        identity: embedder.identity,
        retriever: createRetriever({ embedder, analyzer: createEnglishAnalyzer(), reader }),
        reader,
        close: async () => {},
      };
    },
  };
}

function awsStoreKey(secretId: string, { platform }: QueryFunctionSettings): StoreKey {
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
