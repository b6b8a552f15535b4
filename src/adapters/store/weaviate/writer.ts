import { supersedes } from "../../../core/order.ts";
import type { StoreWriter } from "../../../core/ports.ts";
import type { Attempt, ModelIdentity } from "../../../core/types.ts";
import { checkDimensions, chunkObject } from "./chunk-objects.ts";
import type { Connection } from "./connection.ts";
import { allOf, equals, withIds } from "./filters.ts";
import { attemptId, failureObjectId, uriKey } from "./ids.ts";
import { createKnownVectors } from "./known-vectors.ts";
import { createManifest } from "./manifest.ts";
import { failureObject, rowObject } from "./manifest-objects.ts";
import { createObjects } from "./objects.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";
import { createSettling } from "./settling.ts";

/** Requests to a server take their time; so many documents in flight keep the embedder at work meanwhile. */
const documentsInFlight = 32;

/**
 * Writes to the collections. Weaviate has neither transactions nor compare-and-set, and needs none here: chunks are seen
 * once their attempt's row is committed, rows are immutable, and the greatest one counts. Any number of writers may be
 * at work.
 */
export function createWriter(connection: Connection, settings: WeaviateSettings, identity: ModelIdentity): StoreWriter {
  const closing = new AbortController();
  const manifest = createManifest(connection, settings);
  const objects = createObjects(connection, settings, closing.signal);
  const settle = createSettling(connection, settings, manifest, objects);
  const vectors = createKnownVectors(connection, settings, objects);
  const rows = manifestCollection(settings);

  async function dropChunks(attempt: Attempt): Promise<void> {
    const filters = allOf(equals("uriKey", uriKey(attempt.uri)), equals("attempt", attemptId(attempt)));
    if (filters !== undefined) await objects.remove(settings.collection, filters);
  }

  const recordedOf = async (uri: string) => {
    const [recorded] = await objects.patiently(() => manifest.recorded([uri]));
    return recorded ?? { entry: { uri }, stale: [], committedMs: 0 };
  };

  return {
    limits: { documentsInFlight },
    async entries(uris) {
      const recorded = await objects.patiently(() => manifest.recorded(uris));
      // Rows that no longer count are the sign of a writer that died before it was through.
      await Promise.all(recorded.filter(({ stale }) => stale.length > 0).map(({ entry }) => settle(entry.uri)));
      return recorded.map(({ entry }) => entry);
    },
    page: (prefix, after, limit) => objects.patiently(() => manifest.page(prefix, after, limit)),
    count: (prefix) => objects.patiently(() => manifest.count(prefix)),
    vectors,
    async put(attempt, chunks) {
      checkDimensions(attempt.uri, chunks, identity.dimensions);
      await objects.insert(chunks.map((chunk) => chunkObject(settings.collection, attempt, chunk, settings.rangeKeys)));
    },
    async commit(row) {
      const { entry } = await recordedOf(row.uri);
      if (!supersedes(row, entry.current)) {
        const same = entry.current !== undefined && attemptId(entry.current) === attemptId(row);
        if (!same) await dropChunks(row);
        return;
      }
      await objects.insert([rowObject(rows, row)]);
      if (entry.failure !== undefined) await objects.remove(rows, withIds([failureObjectId(row.uri)]));
      // A tombstone is the end of the document: nobody else would take its chunks away.
      if (row.state === "deleted") await settle(row.uri);
    },
    async retire(attempt) {
      await settle(attempt.uri);
    },
    async discard(attempt) {
      const { entry } = await recordedOf(attempt.uri);
      const { current } = entry;
      if (current?.state === "indexed" && attemptId(current) === attemptId(attempt)) return;
      await dropChunks(attempt);
    },
    recordFailure: (failure) => objects.insert([failureObject(rows, failure)]),
    clearFailure: (uri) => objects.remove(rows, withIds([failureObjectId(uri)])),
    async close() {
      closing.abort();
      connection.close();
    },
  };
}
