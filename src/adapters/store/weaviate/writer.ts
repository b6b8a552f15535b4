import { openAttempt } from "../../../core/attempt.ts";
import { createBatcher } from "../../../core/batcher.ts";
import { IsthmusError, present } from "../../../core/errors.ts";
import type { StoreWriter } from "../../../core/ports.ts";
import type { Commit, Committed, DocumentRow, ManifestEntry, ModelIdentity } from "../../../core/types.ts";
import { chunkObject } from "./chunk-objects.ts";
import type { Connection } from "./connection.ts";
import { anyOf, withIds } from "./filters.ts";
import { failureObjectId, heldObjectId, newAttemptId, rowObjectId } from "./ids.ts";
import { createKnownVectors } from "./known-vectors.ts";
import { createManifest } from "./manifest.ts";
import { failureObject, heldObject, type Recorded, rowObject, withRow } from "./manifest-objects.ts";
import { createObjects } from "./objects.ts";
import { createPace } from "./pace.ts";
import { leaseOf, manifestCollection, type WeaviateSettings } from "./settings.ts";

/** Requests take their time, and wait for others to share them; so many documents keep the embedder at work meanwhile. */
const documentsInFlight = 128;
/** Attempts whose chunks are removed by one request. */
const attemptsPerRequest = 200;

/**
 * Writes to the collections. Weaviate has neither transactions nor compare-and-set, and needs none here (docs/adr/0009).
 * Chunks bear the name of their attempt, which nobody else has, and are seen once a row of that attempt is current. Rows
 * are immutable, and the greatest one of a URI is current for everybody who sees the same rows. So any number of writers
 * may be at work, in any order, and each takes away two things only: chunks of its own, and chunks of rows that it saw
 * committed with a greater row above them. The greatest only grows, so neither is ever missed.
 */
export function createWriter(connection: Connection, settings: WeaviateSettings, identity: ModelIdentity): StoreWriter {
  const closing = new AbortController();
  const pace = createPace();
  const manifest = createManifest(connection, settings, pace);
  const objects = createObjects(connection, settings, closing.signal, pace);
  const vectors = createKnownVectors(connection, settings, objects, pace);
  const rows = manifestCollection(settings);

  const recordedOf = (uris: readonly string[], signal: AbortSignal | undefined) =>
    objects.patiently(() => manifest.recorded(uris, signal), signal);

  const removeChunks = createBatcher<string, void>(
    { most: attemptsPerRequest, inFlight: 1, weigh: () => 1, pace, askers: settings.wire },
    async (attempts) => {
      await objects.remove(settings.collection, anyOf("attempt", attempts));
      return attempts.map(() => undefined);
    },
  );
  const removeRows = createBatcher<readonly string[], void>(
    { most: attemptsPerRequest, inFlight: 1, weigh: (ids) => ids.length, pace, askers: settings.wire },
    async (lists) => {
      await objects.remove(rows, withIds(lists.flat()));
      return lists.map(() => undefined);
    },
  );

  /**
   * Removes what no longer counts: the chunks of rows that were superseded or revoked, then the rows. Rows go last, so that
   * a process that dies in between leaves the sign that something is left to do.
   */
  async function clean(recorded: readonly Recorded[], signal: AbortSignal | undefined): Promise<void> {
    const stale = recorded.flatMap((each) => each.stale);
    if (stale.length === 0) return;
    const attempts = stale.flatMap(({ row }) => (row.state === "indexed" ? [row.attempt] : []));
    await Promise.all(attempts.map((attempt) => removeChunks(attempt, signal)));
    await removeRows(
      stale.map(({ id }) => id),
      signal,
    );
  }

  /** Writes the rows, then looks who won, and removes what that leaves behind. */
  async function commit(committed: readonly DocumentRow[], signal: AbortSignal | undefined): Promise<Committed[]> {
    await objects.insert(
      committed.map((row) => rowObject(rows, row, connection.http.serverNow())),
      signal,
    );
    const seen = await recordedOf(
      committed.map(({ uri }) => uri),
      signal,
    );
    const recorded = committed.map((row, index) => withRow(present(seen[index], `the rows of ${row.uri}`), row));
    await clean(recorded, signal);
    const outcomes = committed.map((row, index) => outcomeOf(row, recorded[index]));
    const mended = recorded.filter(({ entry }, index) => entry.failure !== undefined && isCurrent(outcomes[index]));
    await clearFailures(
      mended.map(({ entry }) => entry.uri),
      signal,
    );
    return outcomes;
  }

  /** Takes the row and the chunks away, which may have been swept in part. */
  async function expired(row: DocumentRow, signal: AbortSignal | undefined): Promise<IsthmusError> {
    await removeChunks(row.attempt, signal);
    await removeRows([rowObjectId(row)], signal);
    return new IsthmusError(
      "attempt_expired",
      `The attempt at ${row.uri} was so long without progress that it may have been given up for dead; nothing of it was committed. The next run writes the document again.`,
    );
  }

  function outcomeOf(row: DocumentRow, recorded: Recorded | undefined): Committed {
    const current = present(recorded?.entry.current, `the row of ${row.uri} that was just committed`);
    const own = current.state === row.state && current.attempt === row.attempt;
    return own ? { row } : { row, supersededBy: current };
  }

  /**
   * An attempt that was long without a chunk may count as dead, and what it has be swept (`audit.ts`). Its lease is over
   * at a quarter of the time after which others may do that: the rest is for the request that is under way, and for clocks.
   */
  const isExpired = (last: Moment) => elapsedSince(last) > leaseOf(settings) / 4;

  async function commitAttempt(row: DocumentRow, last: Moment, signal: AbortSignal | undefined): Promise<Committed> {
    if (isExpired(last)) throw await expired(row, signal);
    const [committed] = await commit([row], signal);
    const outcome = present(committed, `the outcome of the commit of ${row.uri}`);
    // The machine may have slept in between.
    if (isExpired(last)) throw await expired(row, signal);
    // Whoever superseded it may have removed the row before it was read here; the chunks are its own to take away.
    if (!isCurrent(outcome)) await removeChunks(row.attempt, signal);
    return outcome;
  }

  async function clearFailures(uris: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    if (uris.length > 0) await removeRows(uris.map(failureObjectId), signal);
  }

  async function release(uris: readonly string[], signal?: AbortSignal): Promise<void> {
    if (uris.length > 0) await removeRows(uris.map(heldObjectId), signal);
  }

  async function entries(uris: readonly string[], signal?: AbortSignal): Promise<ManifestEntry[]> {
    const recorded = await recordedOf(uris, signal);
    // Rows that no longer count are the sign of a writer that died before it was through, or is at it now.
    await clean(recorded, signal);
    return recorded.map(({ entry }) => entry);
  }

  return {
    limits: { documentsInFlight },
    begin(attempt, signal) {
      const id = newAttemptId();
      let last = now();
      return openAttempt(id, attempt, identity.dimensions, {
        put(chunks) {
          const written = chunks.map((chunk) =>
            chunkObject(settings.collection, id, attempt, chunk, settings.rangeKeys),
          );
          last = now();
          return pace.join(() => objects.insert(written, signal));
        },
        commit: (of: Commit) => pace.join(() => commitAttempt({ ...of, attempt: id }, last, signal)),
        abandon: () => pace.join(() => removeChunks(id, signal)),
        end: pace.expect(),
      });
    },
    remove(tombstones, signal) {
      const committed = tombstones.map((tombstone) => ({ ...tombstone, attempt: "" }));
      return pace.join(() => commit(committed, signal));
    },
    entries: (uris, signal) => pace.join(() => entries(uris, signal)),
    page: (prefix, after, limit, signal) =>
      objects.patiently(() => manifest.page(prefix, after, limit, signal), signal),
    count: (prefix, signal) => objects.patiently(() => manifest.count(prefix, signal), signal),
    vectors: (textHashes, signal) => pace.join(() => vectors(textHashes, signal)),
    recordFailure: (failure, signal) => objects.insert([failureObject(rows, failure)], signal),
    clearFailures,
    hold: (deletions, signal) =>
      objects.insert(
        deletions.map((deletion) => heldObject(rows, deletion)),
        signal,
      ),
    release,
    async *held(prefix, signal) {
      const gone: string[] = [];
      for await (const { deletion, state } of manifest.heldAndVoid(prefix, signal)) {
        if (state === "stands") yield deletion;
        else if (state === "void") gone.push(deletion.uri);
      }
      await release(gone, signal);
    },
    removedLately: (prefix, withinMs, signal) =>
      objects.patiently(() => manifest.removedSince(prefix, connection.http.serverNow() - withinMs, signal), signal),
    async close() {
      closing.abort();
      connection.close();
    },
  };
}

function isCurrent(outcome: Committed | undefined): boolean {
  return outcome !== undefined && outcome.supersededBy === undefined;
}

/** By both clocks: one stands still while the machine sleeps, the other may be set. */
interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

const now = (): Moment => ({ steadyMs: performance.now(), wallMs: Date.now() });

function elapsedSince({ steadyMs, wallMs }: Moment): number {
  return Math.max(performance.now() - steadyMs, Date.now() - wallMs);
}
