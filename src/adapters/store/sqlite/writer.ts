import type { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";
import { compareRows, supersedes } from "../../../core/order.ts";
import type { Commit, Committed, DocumentRow, FailureRow, HeldDeletion, StoredChunk } from "../../../core/types.ts";
import { createChunkRows } from "./chunk-rows.ts";
import { createManifestRows, type ManifestRows, uriRange } from "./manifest-rows.ts";
import { createStatements, transaction } from "./statements.ts";

/** Chunks held in memory over all open attempts: some 5 KB each, so about 1 MB. */
const BUFFERED_CHUNKS = 256;

/** The port `StoreWriter` without the promises: what the writer's worker runs. Attempts go by their number. */
export interface IndexWriter extends Omit<ManifestRows, "verified"> {
  put(attempt: number, chunks: readonly StoredChunk[]): void;
  commit(attempt: number, commit: Commit): Committed;
  abandon(attempt: number): void;
  remove(tombstones: readonly Commit[]): Committed[];
  recordFailure(failure: FailureRow): void;
  clearFailures(uris: readonly string[]): void;
  hold(deletions: readonly HeldDeletion[]): void;
  release(uris: readonly string[]): void;
  removedLately(prefix: string, withinMs: number): number;
  vectors(textHashes: readonly string[]): Map<string, Float32Array>;
}

/** An attempt that was begun and neither committed nor given up. */
interface Open {
  buffered: StoredChunk[];
  /** Whether some of its chunks had to be staged in the tables. */
  staged: boolean;
}

/**
 * Writes through one connection. An ordinary document waits in memory and goes in by one transaction, together with its
 * manifest row and the removal of what it replaces. One that outgrows the memory is staged in the tables unseen.
 */
export function createWriter(database: DatabaseSync, bufferedChunks = BUFFERED_CHUNKS): IndexWriter {
  const prepare = createStatements(database);
  const chunkRows = createChunkRows(prepare);
  const manifest = createManifestRows(prepare);
  const open = new Map<number, Open>();
  const write = <Value>(body: () => Value): Value => transaction(database, "write", body);

  // No attempt outlives its writer.
  write(() => chunkRows.dropAllStaged());

  function stage(number: number, entry: Open): void {
    write(() => chunkRows.stage(number, entry.buffered));
    entry.staged = true;
    entry.buffered = [];
  }

  /** Within a transaction: makes the row current if it stands above the one that is, and drops the chunks of the lesser. */
  function commitRow(row: DocumentRow, number: number | null, entry: Open | undefined): Committed {
    const current = manifest.current(row.uri);
    if (current !== undefined && !supersedes(row, current.row)) {
      if (number !== null && entry?.staged === true) chunkRows.drop(number);
      // The very same tombstone, of two writers, stands: it is above neither.
      return compareRows(row, current.row) === 0 ? { row } : { row, supersededBy: current.row };
    }
    if (current?.attempt !== undefined) chunkRows.drop(current.attempt);
    if (number !== null && entry !== undefined) {
      if (entry.staged) chunkRows.publishStaged(number);
      chunkRows.publish(number, entry.buffered);
    }
    if (number !== null && chunkRows.count(number) !== row.chunks) {
      throw new IsthmusError("internal", `${row.uri} was committed with other chunks than it was given.`);
    }
    const counts = row.state === "deleted" && row.excused !== true;
    // Another document's row of this attempt would break the unique index, and is not replaced.
    prepare(
      `INSERT INTO document (uri, state, version, chunks, attempt, row, removed) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (uri) DO UPDATE SET state = excluded.state, version = excluded.version, chunks = excluded.chunks,
         attempt = excluded.attempt, row = excluded.row, removed = excluded.removed`,
    ).run(row.uri, row.state, row.version, row.chunks, number, JSON.stringify(row), counts ? Date.now() : null);
    prepare("DELETE FROM failure WHERE uri = ?").run(row.uri);
    // It was of the row that stood here before.
    prepare("DELETE FROM held WHERE uri = ?").run(row.uri);
    return { row };
  }

  return {
    ...manifest,
    vectors: chunkRows.vectors,
    put(number, chunks) {
      const entry = open.get(number) ?? { buffered: [], staged: false };
      open.set(number, entry);
      entry.buffered.push(...chunks);
      while (total(open) > bufferedChunks) stage(...largest(open));
    },
    commit(number, commit) {
      const entry = open.get(number);
      const committed = write(() => commitRow({ ...commit, attempt: String(number) }, number, entry));
      // Only now: a commit that failed (a full disk) can be tried again.
      open.delete(number);
      return committed;
    },
    abandon(number) {
      if (open.get(number)?.staged === true) write(() => chunkRows.drop(number));
      open.delete(number);
    },
    remove: (tombstones) =>
      write(() => tombstones.map((tombstone) => commitRow({ ...tombstone, attempt: "" }, null, undefined))),
    recordFailure: (failure) =>
      write(() => {
        prepare(
          `INSERT INTO failure (uri, state, row) VALUES (?, ?, ?)
           ON CONFLICT (uri) DO UPDATE SET state = excluded.state, row = excluded.row`,
        ).run(failure.uri, failure.state, JSON.stringify(failure));
      }),
    clearFailures: (uris) =>
      write(() => {
        prepare("DELETE FROM failure WHERE uri IN (SELECT value FROM json_each(?))").run(JSON.stringify(uris));
      }),
    hold: (deletions) =>
      write(() => {
        const insert = prepare("INSERT OR REPLACE INTO held (uri, row) VALUES (?, ?)");
        for (const deletion of deletions) insert.run(deletion.uri, JSON.stringify(deletion));
      }),
    release: (uris) =>
      write(() => {
        prepare("DELETE FROM held WHERE uri IN (SELECT value FROM json_each(?))").run(JSON.stringify(uris));
      }),
    removedLately(prefix, withinMs) {
      const { where, bounds } = uriRange(prefix);
      const found = prepare(`SELECT count(*) AS removed FROM document WHERE removed > ? AND ${where}`);
      return Number(found.get(Date.now() - withinMs, ...bounds)?.["removed"]);
    },
  };
}

function total(open: ReadonlyMap<number, Open>): number {
  let chunks = 0;
  for (const entry of open.values()) chunks += entry.buffered.length;
  return chunks;
}

function largest(open: ReadonlyMap<number, Open>): [number, Open] {
  return [...open].reduce((a, b) => (b[1].buffered.length > a[1].buffered.length ? b : a));
}
