import type { IngestOptions, IngestSummary } from "../core/ingest-types.ts";
import type { Manifest, Source, StoreReader } from "../core/ports.ts";
import type { Retriever } from "../core/retrieve-types.ts";
import type { ModelIdentity } from "../core/types.ts";

/** The read half, wired: what the server and `isthmus query` need. */
export interface QueryEngine {
  readonly identity: ModelIdentity;
  readonly retriever: Retriever;
  readonly reader: StoreReader;
  close(): Promise<void>;
}

/** The write half, wired: what `ingest`, `start`, `delete` and `--watch` need. Holds the writer's lock until closed. */
export interface IngestEngine {
  readonly identity: ModelIdentity;
  readonly manifest: Manifest;
  ingest(source: Source, options?: IngestOptions): Promise<IngestSummary>;
  /** Brings the index up to date for these URIs of the source alone (a watcher's hints); the live objects decide. */
  refresh(source: Source, uris: readonly string[], options?: IngestOptions): Promise<IngestSummary>;
  /** Removes one URI, or everything under a prefix that ends in "/". Returns the number of documents removed. */
  remove(uriOrPrefix: string, options?: IngestOptions): Promise<{ removed: number }>;
  close(): Promise<void>;
}
