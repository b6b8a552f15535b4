import type { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";
import { attemptKey, isRetiredBy, supersedes } from "../../../core/order.ts";
import type { Attempt, DocumentRow, FailureRow, StoredChunk } from "../../../core/types.ts";
import { createChunkRows } from "./chunk-rows.ts";
import { createManifestRows, type ManifestRows } from "./manifest-rows.ts";
import { createStatements, transaction } from "./statements.ts";

/** Chunks held in memory over all open attempts: some 5 KB each, so about 1 MB. */
const BUFFERED_CHUNKS = 256;

/** The port `StoreWriter` without the promises: what the writer's worker runs. */
export interface Writer extends ManifestRows {
  put(attempt: Attempt, chunks: readonly StoredChunk[]): void;
  commit(row: DocumentRow): void;
  retire(attempt: Attempt): void;
  discard(attempt: Attempt): void;
  recordFailure(failure: FailureRow): void;
  clearFailure(uri: string): void;
  vectors(textHashes: readonly string[]): Map<string, Float32Array>;
}

/** An attempt that was begun and neither committed nor dropped. */
interface OpenAttempt {
  readonly attempt: Attempt;
  readonly buffered: Map<string, StoredChunk>;
  /** Its number in the tables, once some of its chunks had to be staged there. */
  staged?: number;
}

/**
 * Writes through one connection. An ordinary document waits in memory and goes in by one transaction, together with its
 * manifest row and the removal of what it replaces. One that outgrows the memory is staged in the tables unseen.
 */
export function createWriter(database: DatabaseSync, dimensions: number, bufferedChunks = BUFFERED_CHUNKS): Writer {
  const prepare = createStatements(database);
  const chunkRows = createChunkRows(prepare);
  const manifest = createManifestRows(prepare);
  const open = new Map<string, OpenAttempt>();
  const write = <Value>(body: () => Value): Value => transaction(database, "write", body);

  // No attempt outlives its writer.
  write(() => chunkRows.dropAllStaged());
  let lastNumber = Number(prepare("SELECT coalesce(max(attempt), 0) AS last FROM document").get()?.["last"]);

  function current(uri: string): { row: DocumentRow; attempt: number | undefined } | undefined {
    const found = prepare("SELECT row, attempt FROM document WHERE uri = ?").get(uri);
    if (found === undefined) return undefined;
    const attempt = found["attempt"];
    return {
      row: JSON.parse(String(found["row"])) as DocumentRow,
      attempt: typeof attempt === "number" ? attempt : undefined,
    };
  }

  /** The number of the attempt in the tables; the committed one keeps its own when it is written again. */
  function numberOf(attempt: Attempt): number {
    const staged = open.get(attemptKey(attempt))?.staged;
    if (staged !== undefined) return staged;
    const committed = current(attempt.uri);
    if (committed?.attempt !== undefined && attemptKey(committed.row) === attemptKey(attempt)) return committed.attempt;
    lastNumber++;
    return lastNumber;
  }

  function stage(entry: OpenAttempt): void {
    const number = numberOf(entry.attempt);
    write(() => chunkRows.stage(number, [...entry.buffered.values()]));
    entry.staged = number;
    entry.buffered.clear();
  }

  /** Drops what an open attempt has, and never a committed chunk. */
  function forget(key: string): void {
    const staged = open.get(key)?.staged;
    if (staged !== undefined) write(() => chunkRows.drop(staged, "staged"));
    open.delete(key);
  }

  return {
    ...manifest,
    vectors: chunkRows.vectors,
    put(attempt, chunks) {
      for (const { vector } of chunks) {
        if (vector.length === dimensions) continue;
        const text = `A vector of ${vector.length} dimensions for ${attempt.uri} does not fit the index, which holds ${dimensions}.`;
        throw new IsthmusError("embedder_mismatch", text);
      }
      const key = attemptKey(attempt);
      const entry = open.get(key) ?? { attempt, buffered: new Map() };
      open.set(key, entry);
      for (const chunk of chunks) if (!entry.buffered.has(chunk.id)) entry.buffered.set(chunk.id, chunk);
      while (total(open) > bufferedChunks) stage(largest(open));
    },
    commit(row) {
      const key = attemptKey(row);
      const before = current(row.uri);
      if (!supersedes(row, before?.row)) return forget(key);
      const entry = row.state === "indexed" ? open.get(key) : undefined;
      const number = row.state === "indexed" ? numberOf(row) : null;
      write(() => {
        if (before?.attempt !== undefined && before.attempt !== number) chunkRows.drop(before.attempt, "all");
        if (number !== null && entry !== undefined) {
          if (entry.staged !== undefined) chunkRows.publishStaged(entry.staged);
          chunkRows.publish(number, [...entry.buffered.values()]);
        }
        prepare(
          "INSERT OR REPLACE INTO document (uri, state, version, chunks, attempt, row) VALUES (?, ?, ?, ?, ?, ?)",
        ).run(row.uri, row.state, row.version, row.chunks, number, JSON.stringify(row));
        prepare("DELETE FROM failure WHERE uri = ?").run(row.uri);
      });
      // Only now: a commit that failed (a full disk) can be tried again.
      if (entry !== undefined) open.delete(key);
    },
    retire(attempt) {
      // What a commit replaces goes with the commit; left are open attempts that it has overtaken.
      for (const [key, entry] of open) if (isRetiredBy(entry.attempt, attempt)) forget(key);
    },
    discard(attempt) {
      forget(attemptKey(attempt));
    },
    recordFailure(failure) {
      prepare("INSERT OR REPLACE INTO failure (uri, state, row) VALUES (?, ?, ?)").run(
        failure.uri,
        failure.state,
        JSON.stringify(failure),
      );
    },
    clearFailure(uri) {
      prepare("DELETE FROM failure WHERE uri = ?").run(uri);
    },
  };
}

function total(open: ReadonlyMap<string, OpenAttempt>): number {
  let chunks = 0;
  for (const entry of open.values()) chunks += entry.buffered.size;
  return chunks;
}

function largest(open: ReadonlyMap<string, OpenAttempt>): OpenAttempt {
  const entries = [...open.values()];
  return entries.reduce((a, b) => (b.buffered.size > a.buffered.size ? b : a));
}
