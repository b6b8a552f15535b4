import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openAttempt } from "../../../core/attempt.ts";
import type { Store, StoreAudit, StoreReader, StoreWriter } from "../../../core/ports.ts";
import type { HeldDeletion } from "../../../core/types.ts";
import type { AuditMethods, AuditSettings } from "./audit-worker.ts";
import { missing } from "./failures.ts";
import type { ReaderSettings } from "./reader.ts";
import { createReaderPool } from "./reader-pool.ts";
import type { ReaderMethods } from "./reader-worker.ts";
import { connect } from "./rpc-client.ts";
import type { WriterMethods, WriterSettings } from "./writer-worker.ts";

export interface SqliteStoreOptions {
  /** Holds `index.sqlite` and its side files; created by the first writer. */
  readonly directory: string;
  /** Metadata keys that filters may use in ranges. */
  readonly rangeKeys?: readonly string[];
  /** Memory for pages of the file, in all workers of a reader together; default 64 MiB. */
  readonly readerCacheBytes?: number;
  /** Searches that a reader runs side by side; default one for each processor, from 2 to 4. */
  readonly readerWorkers?: number;
}

const CACHE_BYTES = 64 * 1024 * 1024;
const LEAST_READERS = 2;
const MOST_READERS = 4;
/** Calls of one reader that wait for a worker. The server lets fewer come so far (ISTHMUS_MAX_CONCURRENCY). */
const WAITING_CALLS = 64;
/** A search looks every few milliseconds whether it is to go on. */
const GRACE_MS = 5_000;
const HELD_PAGE = 500;
/** A worker that outgrows it dies, and another is started. The codes of the chunks are no part of it. */
const READER_HEAP = { maxOldGenerationSizeMb: 256 };

/**
 * The embedded store: one SQLite file, with sqlite-vec for vectors and FTS5 for keywords. Each writer and each reader
 * has connections in worker threads of its own, so a long scan stalls neither the caller's thread nor the other side, nor
 * the searches beside it.
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  const file = join(options.directory, "index.sqlite");
  return {
    name: "sqlite",
    async openWriter(identity, signal) {
      const settings: WriterSettings = { file, identity };
      const worker = connect<WriterMethods>(workerFile("writer-worker"), settings);
      await openOrEnd(worker, signal);
      return {
        begin(attempt, within) {
          // Drawn, not counted: whoever else may write to this file draws another.
          const number = randomInt(1, 2 ** 48 - 1);
          return openAttempt(String(number), attempt, identity.dimensions, {
            put: (chunks) => worker.callWith(within, "put", number, chunks),
            // Not taken back once it was asked for: whether it happened must be known.
            commit: (commit) => worker.call("commit", number, commit),
            abandon: () => worker.call("abandon", number),
          });
        },
        remove: (tombstones, within) => worker.callWith(within, "remove", tombstones),
        recordFailure: (failure, within) => worker.callWith(within, "recordFailure", failure),
        clearFailures: (uris, within) => worker.callWith(within, "clearFailures", uris),
        hold: (deletions, within) => worker.callWith(within, "hold", deletions),
        release: (uris, within) => worker.callWith(within, "release", uris),
        removedLately: (prefix, withinMs, within) => worker.callWith(within, "removedLately", prefix, withinMs),
        held: (prefix, within) => heldPages((after) => worker.callWith(within, "heldPage", prefix, after, HELD_PAGE)),
        vectors: (textHashes, within) => worker.callWith(within, "vectors", textHashes),
        entries: (uris, within) => worker.callWith(within, "entries", uris),
        page: (prefix, after, limit, within) => worker.callWith(within, "page", prefix, after, limit),
        count: (prefix, within) => worker.callWith(within, "count", prefix),
        close: () => worker.close(),
      } satisfies StoreWriter;
    },
    async openReader(identity, signal) {
      // Answered here: starting a worker to find nothing would only take time.
      if (!existsSync(file)) throw missing(file);
      const workers = options.readerWorkers ?? Math.min(MOST_READERS, Math.max(LEAST_READERS, availableParallelism()));
      const settings: ReaderSettings = {
        file,
        identity,
        rangeKeys: options.rangeKeys ?? [],
        cacheBytes: Math.ceil((options.readerCacheBytes ?? CACHE_BYTES) / workers),
      };
      const pool = createReaderPool<ReaderMethods>(
        (onChange) => connect(workerFile("reader-worker"), settings, { onChange, resourceLimits: READER_HEAP }),
        { workers, waiting: WAITING_CALLS, graceMs: GRACE_MS },
      );
      try {
        await pool.call(signal, "open");
      } catch (thrown) {
        await pool.close();
        throw thrown;
      }
      return {
        search: (query, within) => pool.call(within, "search", query),
        termWeights: (terms, hits, within) => pool.call(within, "termWeights", terms, hits),
        passages: (uri, from, limit, within) => pool.call(within, "passages", uri, from, limit),
        check: (within) => pool.call(within, "check"),
        verified: (within) => pool.call(within, "verified"),
        held: (prefix, within) => heldPages((after) => pool.call(within, "heldPage", prefix, after, HELD_PAGE)),
        entries: (uris, within) => pool.call(within, "entries", uris),
        page: (prefix, after, limit, within) => pool.call(within, "page", prefix, after, limit),
        count: (prefix, within) => pool.call(within, "count", prefix),
        close: () => pool.close(),
      } satisfies StoreReader;
    },
    async openAudit(identity, mode, signal) {
      const worker = connect<AuditMethods>(workerFile("audit-worker"), {
        file,
        identity,
        mode,
      } satisfies AuditSettings);
      await openOrEnd(worker, signal);
      return {
        leaseMs: 0,
        now: () => Date.now(),
        inspect: (rows, within) => worker.callWith(within, "inspect", rows),
        async *strays(within) {
          yield await worker.callWith(within, "strays");
        },
        forget: (rows, within) => worker.callWith(within, "forget", rows),
        sweep: (strays, within) => worker.callWith(within, "sweep", strays),
        record: (verification, within) => worker.callWith(within, "record", verification),
        entries: (uris, within) => worker.callWith(within, "entries", uris),
        page: (prefix, after, limit, within) => worker.callWith(within, "page", prefix, after, limit),
        count: (prefix, within) => worker.callWith(within, "count", prefix),
        close: () => worker.close(),
      } satisfies StoreAudit;
    },
  };
}

async function* heldPages(
  page: (after: string | undefined) => Promise<readonly HeldDeletion[]>,
): AsyncGenerator<HeldDeletion> {
  for (let after: string | undefined; ; ) {
    const deletions = await page(after);
    yield* deletions;
    if (deletions.length < HELD_PAGE) return;
    after = deletions.at(-1)?.uri;
  }
}

/** From source the workers are TypeScript files; in the built package they are JavaScript. */
function workerFile(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}

async function openOrEnd(
  worker: { callWith(signal: AbortSignal | undefined, method: "open"): Promise<void>; close(): Promise<void> },
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await worker.callWith(signal, "open");
  } catch (thrown) {
    await worker.close();
    throw thrown;
  }
}
