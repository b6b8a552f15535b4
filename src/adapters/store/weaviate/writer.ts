import { supersedes } from "../../../core/order.ts";
import type { StoreWriter } from "../../../core/ports.ts";
import type { Attempt, DocumentRow, ManifestEntry, ModelIdentity } from "../../../core/types.ts";
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

  async function entries(uris: readonly string[]): Promise<ManifestEntry[]> {
    const recorded = await objects.patiently(() => manifest.recorded(uris));
    // Rows that no longer count are the sign of a writer that died before it was through; our own are settled by `retire`.
    const left = recorded.filter(({ stale, entry }) => stale.length > 0 && !committed.has(entry.uri));
    await Promise.all(left.map((each) => settle(each.entry.uri, each)));
    for (const each of recorded) if (committed.has(each.entry.uri)) committed.set(each.entry.uri, each);
    return recorded.map(({ entry }) => entry);
  }

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

  return {
    limits: { documentsInFlight },
    entries: (uris) => company.join(() => entries(uris)),
    page: (prefix, after, limit) => objects.patiently(() => manifest.page(prefix, after, limit)),
    count: (prefix) => objects.patiently(() => manifest.count(prefix)),
    vectors: (textHashes) => company.join(() => vectors(textHashes)),
    async put(attempt, chunks) {
      checkDimensions(attempt.uri, chunks, identity.dimensions);
      const written = chunks.map((chunk) => chunkObject(settings.collection, attempt, chunk, settings.rangeKeys));
      await company.join(() => objects.insert(written));
    },
    commit: (row) => company.join(() => commit(row)),
    retire: ({ uri }) =>
      company.join(async () => {
        const seen = committed.get(uri);
        committed.delete(uri);
        await settle(uri, seen);
      }),
    // Another process may be about to commit the very same attempt, of which these chunks are a part. Nobody sees them until
    // then; whoever commits a later attempt of the document sweeps them, and whoever tries this one again finds its vectors.
    discard: async () => {},
    recordFailure: (failure) => objects.insert([failureObject(rows, failure)]),
    clearFailure: (uri) => objects.remove(rows, withIds([failureObjectId(uri)])),
    async close() {
      closing.abort();
      connection.close();
    },
  };
}
