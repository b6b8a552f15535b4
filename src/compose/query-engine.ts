import type { StoreReader } from "../core/ports.ts";
import { createRetriever } from "../core/retrieve.ts";
import type { Retriever } from "../core/retrieve-types.ts";
import type { ModelIdentity } from "../core/types.ts";
import type { Runtime } from "./runtime.ts";

/** The read half, wired: what the server and `isthmus query` need. */
export interface QueryEngine {
  readonly identity: ModelIdentity;
  readonly retriever: Retriever;
  readonly reader: StoreReader;
  close(): Promise<void>;
}

/** @throws `store_missing` while nothing was ever indexed, `store_mismatch` for another model. */
export async function openQueryEngine(runtime: Runtime, signal?: AbortSignal): Promise<QueryEngine> {
  const { embedder, analyzer, store, telemetry } = runtime;
  const reader = await store.openReader(embedder.identity, signal);
  const retriever = createRetriever({ embedder, analyzer, reader });
  return {
    identity: embedder.identity,
    retriever: telemetry?.retriever(retriever) ?? retriever,
    reader,
    close: () => reader.close(),
  };
}
