import { supersedes } from "../../../core/order.ts";
import type { StoreWriter } from "../../../core/ports.ts";
import type { Attempt, DocumentRow, ModelIdentity } from "../../../core/types.ts";
import { checkDimensions, chunkObject } from "./chunk-objects.ts";
import { createCompany } from "./company.ts";
import type { Connection } from "./connection.ts";
import { allOf, equals, withIds } from "./filters.ts";
import { attemptId, failureObjectId, uriKey } from "./ids.ts";
import { createKnownVectors } from "./known-vectors.ts";
import { createManifest } from "./manifest.ts";
import { failureObject, type Recorded, rowObject } from "./manifest-objects.ts";
import { createObjects } from "./objects.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";
import { createSettling } from "./settling.ts";

/** Requests take their time, and wait for company (`company.ts`); so many documents keep the embedder at work meanwhile. */
const documentsInFlight = 128;

/**
 * Writes to the collections. Weaviate has neither transactions nor compare-and-set, and needs none here: chunks are seen
 * once their attempt's row is committed, rows are immutable, and the greatest one counts. Any number of writers may be
 * at work.
 */
export function createWriter(connection: Connection, settings: WeaviateSettings, identity: ModelIdentity): StoreWriter {
  const closing = new AbortController();
  const company = createCompany();
  const manifest = createManifest(connection, settings, company.pace);
  const objects = createObjects(connection, settings, closing.signal, company.pace);
  const settle = createSettling(connection, settings, manifest, objects, company.pace);
  const vectors = createKnownVectors(connection, settings, objects, company.pace);
  const rows = manifestCollection(settings);
  /** Documents that were committed and not settled yet, with what the manifest was seen to hold of them since. */
  const committed = new Map<string, Recorded | undefined>();

  async function dropChunks(attempt: Attempt): Promise<void> {
    const filters = allOf(equals("uriKey", uriKey(attempt.uri)), equals("attempt", attemptId(attempt)));
    if (filters !== undefined) await objects.remove(settings.collection, filters);
  }

  const recordedOf = async (uri: string) => {
    const [recorded] = await objects.patiently(() => manifest.recorded([uri]));
    return recorded ?? { entry: { uri }, stale: [], committedMs: 0 };
  };

  async function commit(row: DocumentRow): Promise<void> {
    const { entry } = await recordedOf(row.uri);
    if (!supersedes(row, entry.current)) {
      const same = entry.current !== undefined && attemptId(entry.current) === attemptId(row);
      if (!same) await dropChunks(row);
      return;
    }
    await objects.insert([rowObject(rows, row)]);
    committed.set(row.uri, undefined);
    if (entry.failure !== undefined) await objects.remove(rows, withIds([failureObjectId(row.uri)]));
    // A tombstone is the end of the document: nobody else would take its chunks away.
    if (row.state === "deleted") await settle(row.uri);
  }

  async function discard(attempt: Attempt): Promise<void> {
    const { current } = (await recordedOf(attempt.uri)).entry;
    if (current?.state === "indexed" && attemptId(current) === attemptId(attempt)) return;
    await dropChunks(attempt);
  }

  return {
    limits: { documentsInFlight },
    async entries(uris) {
      const recorded = await objects.patiently(() => manifest.recorded(uris));
      // Rows that no longer count are the sign of a writer that died before it was through.
      await Promise.all(
        recorded
          .filter(({ stale, entry }) => stale.length > 0 && !committed.has(entry.uri))
          .map((each) => settle(each.entry.uri, each)),
      );
      for (const each of recorded) if (committed.has(each.entry.uri)) committed.set(each.entry.uri, each);
      return recorded.map(({ entry }) => entry);
    },
    page: (prefix, after, limit) => objects.patiently(() => manifest.page(prefix, after, limit)),
    count: (prefix) => objects.patiently(() => manifest.count(prefix)),
    vectors,
    async put(attempt, chunks) {
      checkDimensions(attempt.uri, chunks, identity.dimensions);
      const written = chunks.map((chunk) => chunkObject(settings.collection, attempt, chunk, settings.rangeKeys));
      await company.step(attempt.uri, () => objects.insert(written));
    },
    commit: (row) => company.step(row.uri, () => commit(row)),
    retire: ({ uri }) =>
      company.lastStep(uri, async () => {
        const seen = committed.get(uri);
        committed.delete(uri);
        await settle(uri, seen);
      }),
    discard: (attempt) => company.lastStep(attempt.uri, () => discard(attempt)),
    recordFailure: (failure) => objects.insert([failureObject(rows, failure)]),
    clearFailure: (uri) => objects.remove(rows, withIds([failureObjectId(uri)])),
    async close() {
      closing.abort();
      connection.close();
    },
  };
}
