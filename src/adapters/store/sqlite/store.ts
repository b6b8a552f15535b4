import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Store, StoreReader, StoreWriter } from "../../../core/ports.ts";
import { missing } from "./failures.ts";
import type { ReaderSettings } from "./reader.ts";
import type { ReaderMethods } from "./reader-worker.ts";
import { connect } from "./rpc-client.ts";
import type { WriterMethods, WriterSettings } from "./writer-worker.ts";

export interface SqliteStoreOptions {
  /** Holds `index.sqlite` and its side files; created by the first writer. */
  readonly directory: string;
  /** Metadata keys that filters may use in ranges. */
  readonly rangeKeys?: readonly string[];
  /** Memory for pages of the file in each reader; default 64 MiB. */
  readonly readerCacheBytes?: number;
}

/**
 * The embedded store: one SQLite file, with sqlite-vec for vectors and FTS5 for keywords. Each writer and each reader
 * has a connection in a worker thread of its own, so a long scan stalls neither the caller's thread nor the other side.
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  const file = join(options.directory, "index.sqlite");
  return {
    name: "sqlite",
    async openWriter(identity) {
      const settings: WriterSettings = { file, identity };
      const worker = connect<WriterMethods>(workerFile("writer-worker"), settings);
      await openOrEnd(worker);
      return {
        put: (attempt, chunks) => worker.call("put", attempt, chunks),
        commit: (row) => worker.call("commit", row),
        retire: (attempt) => worker.call("retire", attempt),
        discard: (attempt) => worker.call("discard", attempt),
        recordFailure: (failure) => worker.call("recordFailure", failure),
        clearFailure: (uri) => worker.call("clearFailure", uri),
        vectors: (textHashes) => worker.call("vectors", textHashes),
        entries: (uris) => worker.call("entries", uris),
        page: (prefix, after, limit) => worker.call("page", prefix, after, limit),
        count: (prefix) => worker.call("count", prefix),
        close: () => worker.close(),
      } satisfies StoreWriter;
    },
    async openReader(identity) {
      // Answered here: starting a worker to find nothing would only take time.
      if (!existsSync(file)) throw missing(file);
      const settings: ReaderSettings = {
        file,
        identity,
        rangeKeys: options.rangeKeys ?? [],
        cacheBytes: options.readerCacheBytes,
      };
      const worker = connect<ReaderMethods>(workerFile("reader-worker"), settings);
      await openOrEnd(worker);
      return {
        search: (query, signal) => worker.callWith(signal, "search", query),
        check: () => worker.call("check"),
        entries: (uris) => worker.call("entries", uris),
        page: (prefix, after, limit) => worker.call("page", prefix, after, limit),
        count: (prefix) => worker.call("count", prefix),
        close: () => worker.close(),
      } satisfies StoreReader;
    },
  };
}

/** From source the workers are TypeScript files; in the built package they are JavaScript. */
function workerFile(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}

async function openOrEnd(worker: { call(method: "open"): Promise<void>; close(): Promise<void> }): Promise<void> {
  try {
    await worker.call("open");
  } catch (thrown) {
    await worker.close();
    throw thrown;
  }
}
