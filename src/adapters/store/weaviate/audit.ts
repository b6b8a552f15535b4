import { chunkId } from "../../../core/identity.ts";
import type { StoreAudit } from "../../../core/ports.ts";
import type { ChunkProblem, Damage, DocumentRow, ModelIdentity, Stray } from "../../../core/types.ts";
import { fromBytes } from "../vector-bytes.ts";
import type { Connection } from "./connection.ts";
import { denied, serverFailure } from "./failures.ts";
import { anyOf, equals, withIds } from "./filters.ts";
import { messagesOf } from "./http.ts";
import { attemptRowObjectId, chunkObjectId } from "./ids.ts";
import { createManifest } from "./manifest.ts";
import { verificationObject } from "./manifest-objects.ts";
import { createObjects } from "./objects.ts";
import { createPace } from "./pace.ts";
import { fieldsOf } from "./properties.ts";
import { consistencyLevel, objectsIn } from "./requests.ts";
import { type Filters, type SearchResult, Vectors_VectorType } from "./rpc/weaviate_pb.ts";
import { leaseOf, manifestCollection, type WeaviateSettings } from "./settings.ts";

/** Chunks, with their vectors, in one answer: some 5 MB. */
const chunksPerRequest = 2_000;
/** Room for chunks that should not be there. */
const margin = 500;
const attemptsPerRequest = 200;
const straysPerPage = 1_000;
/** By how much the length of a stored vector may differ from 1: the server keeps it normalised. */
const unitTolerance = 0.05;

/** What is there of one row's chunks. */
interface Seen {
  readonly places: Set<number>;
  extra: number;
  foreign: number;
  vectors: number;
  /** Places whose chunks are stored and which no search by vector can find. */
  readonly unindexed: Set<number>;
}

/** The audit of a Weaviate. */
export function createAudit(connection: Connection, settings: WeaviateSettings, identity: ModelIdentity): StoreAudit {
  const closing = new AbortController();
  const manifest = createManifest(connection, settings);
  const objects = createObjects(connection, settings, closing.signal, createPace());
  const rows = manifestCollection(settings);
  const leaseMs = leaseOf(settings);

  /** With `near`, only what the vector index holds. */
  async function search(
    filters: Filters,
    limit: number,
    signal: AbortSignal | undefined,
    near?: Uint8Array,
  ): Promise<SearchResult[]> {
    const reply = await objects.patiently(
      () =>
        connection.call(
          (client, options) =>
            client.search(
              {
                collection: settings.collection,
                limit,
                uses127Api: true,
                consistencyLevel: consistencyLevel(settings.readConsistency),
                properties: { nonRefProperties: ["uri", "attempt", "ordinal"] },
                metadata: { vector: near === undefined },
                filters,
                ...(near && { nearVector: { vectors: [{ vectorBytes: near, type: Vectors_VectorType.SINGLE_FP32 }] } }),
              },
              options,
            ),
          signal,
        ),
      signal,
    );
    return reply.results;
  }

  function note(seen: Seen, row: DocumentRow, result: SearchResult): void {
    const fields = fieldsOf(result);
    const ordinal = fields.integer("ordinal");
    if (ordinal >= row.chunks || seen.places.has(ordinal)) seen.extra++;
    else seen.places.add(ordinal);
    if (fields.text("uri") !== row.uri) seen.foreign++;
    if (!isUnit(result.metadata?.vectorBytes, identity.dimensions)) seen.vectors++;
  }

  /**
   * An object may be stored and be missing from the vector index: a server that dies writes the one to its disk before the other. Asked
   * for the neighbours of any vector among so few objects, the index measures each of them that it holds and leaves out the others: one
   * request more for a page, whatever is on it.
   */
  async function lookForUnindexed(
    seen: ReadonlyMap<string, Seen>,
    stored: readonly SearchResult[],
    filters: Filters,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const near = stored.find(({ metadata }) => isUnit(metadata?.vectorBytes, identity.dimensions))?.metadata
      ?.vectorBytes;
    if (near === undefined) return;
    const name = (result: SearchResult) => `${fieldsOf(result).text("attempt")} ${fieldsOf(result).integer("ordinal")}`;
    const held = new Set((await search(filters, stored.length + margin, signal, near)).map(name));
    for (const result of stored) {
      if (held.has(name(result))) continue;
      const ordinal = fieldsOf(result).integer("ordinal");
      seen.get(fieldsOf(result).text("attempt"))?.unindexed.add(ordinal);
    }
  }

  /** A replica that was away may hold the objects and not know it yet: a read at the level brings it up to date for the second look. */
  async function bringUpToDate(row: DocumentRow, { unindexed }: Seen, signal: AbortSignal | undefined): Promise<void> {
    if (settings.replicationFactor === 1) return;
    for (const ordinal of unindexed) {
      const [id] = idsOf(row, ordinal, ordinal + 1);
      if (id !== undefined) await exists(settings.collection, id, signal);
    }
  }

  /** Documents whose chunks fit into one answer together. */
  async function inspectTogether(
    group: readonly DocumentRow[],
    signal: AbortSignal | undefined,
  ): Promise<Map<string, Seen>> {
    const seen = new Map(group.map((row) => [row.attempt, nothingSeen()]));
    const rowOf = new Map(group.map((row) => [row.attempt, row]));
    const chunks = group.reduce((sum, row) => sum + row.chunks, 0);
    const filters = anyOf("attempt", [...rowOf.keys()]);
    const stored = await search(filters, chunks + margin, signal);
    for (const result of stored) {
      const attempt = fieldsOf(result).text("attempt");
      const [row, one] = [rowOf.get(attempt), seen.get(attempt)];
      if (row !== undefined && one !== undefined) note(one, row, result);
    }
    await lookForUnindexed(seen, stored, filters, signal);
    return seen;
  }

  /** A document of very many chunks, by the ids that they must have. */
  async function inspectAlone(row: DocumentRow, signal: AbortSignal | undefined): Promise<Seen> {
    const seen = nothingSeen();
    for (let from = 0; from < row.chunks; from += chunksPerRequest) {
      const ids = idsOf(row, from, Math.min(from + chunksPerRequest, row.chunks));
      const stored = await search(withIds(ids), ids.length, signal);
      for (const result of stored) note(seen, row, result);
      await lookForUnindexed(new Map([[row.attempt, seen]]), stored, withIds(ids), signal);
    }
    const reply = await objects.patiently(
      () =>
        connection.call(
          (client, options) =>
            client.aggregate(
              { collection: settings.collection, objectsCount: true, filters: equals("attempt", row.attempt) },
              options,
            ),
          signal,
        ),
      signal,
    );
    seen.extra += Math.max(0, objectsIn(reply) - seen.places.size);
    return seen;
  }

  /** A search asks one replica, which may be behind; what it misses is asked for by id, of as many as the level says. */
  async function lookForMissing(row: DocumentRow, seen: Seen, signal: AbortSignal | undefined): Promise<void> {
    if (settings.replicationFactor === 1) return;
    for (let ordinal = 0; ordinal < row.chunks; ordinal++) {
      if (seen.places.has(ordinal)) continue;
      const [id] = idsOf(row, ordinal, ordinal + 1);
      if (id !== undefined && (await exists(settings.collection, id, signal))) seen.places.add(ordinal);
      // One that is lost for certain is enough to call the document damaged.
      else return;
    }
  }

  async function exists(collection: string, id: string, signal: AbortSignal | undefined): Promise<boolean> {
    const path = `/v1/objects/${encodeURIComponent(collection)}/${id}?consistency_level=${settings.readConsistency}`;
    const answer = await objects.patiently(() => connection.http.send("GET", path, undefined, signal), signal);
    if (answer.status === 404) return false;
    if (answer.status === 200) return true;
    throw serverFailure(messagesOf(answer), settings.url);
  }

  /** Those of the attempts that a row of their documents names, current or not. */
  async function committed(strays: Iterable<Stray>, signal: AbortSignal | undefined): Promise<Set<string>> {
    const uris = [...new Set(Array.from(strays, ({ uri }) => uri))];
    const recorded = await objects.patiently(() => manifest.recorded(uris, signal), signal);
    return new Set(recorded.flatMap((each) => each.rows.map(({ row }) => row.attempt)));
  }

  async function removeChunks(attempts: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    for (let from = 0; from < attempts.length; from += attemptsPerRequest) {
      const part = attempts.slice(from, from + attemptsPerRequest);
      await objects.remove(settings.collection, anyOf("attempt", part), signal);
    }
  }

  const removeRows = async (ids: readonly string[], signal: AbortSignal | undefined) => {
    if (ids.length > 0) await objects.remove(rows, withIds(ids), signal);
  };

  return {
    leaseMs,
    now: () => connection.http.serverNow(),
    entries: (uris, signal) => objects.patiently(() => manifest.entries(uris, signal), signal),
    page: (prefix, after, limit, signal) =>
      objects.patiently(() => manifest.page(prefix, after, limit, signal), signal),
    count: (prefix, signal) => objects.patiently(() => manifest.count(prefix, signal), signal),
    async inspect(inspected, signal) {
      const seen = new Map<string, Seen>();
      for (const row of inspected.filter(({ chunks }) => chunks > chunksPerRequest)) {
        seen.set(row.attempt, await inspectAlone(row, signal));
      }
      for (const group of groupsOf(inspected.filter(({ chunks }) => chunks <= chunksPerRequest))) {
        for (const [attempt, one] of await inspectTogether(group, signal)) seen.set(attempt, one);
      }
      const damages: Damage[] = [];
      for (const row of inspected) {
        const one = seen.get(row.attempt) ?? nothingSeen();
        if (one.places.size < row.chunks) await lookForMissing(row, one, signal);
        await bringUpToDate(row, one, signal);
        const problems = problemsOf(row, one);
        if (problems.length > 0) damages.push({ row, problems, found: one.places.size });
      }
      return damages;
    },
    async *strays(signal) {
      for (let after = ""; ; ) {
        const page = await objects.patiently(() => attemptsAfter(connection, settings, after, signal), signal);
        if (page.strays.length > 0) {
          const known = await committed(page.strays, signal);
          const unknown = page.strays.filter(({ attempt }) => !known.has(attempt));
          if (unknown.length > 0) yield unknown;
        }
        if (page.last === undefined) return;
        after = page.last;
      }
    },
    async forget(forgotten, signal) {
      const uris = forgotten.map(({ uri }) => uri);
      const attempts = new Set(forgotten.map(({ attempt }) => attempt));
      const recorded = await objects.patiently(() => manifest.recorded(uris, signal), signal);
      const named = recorded.flatMap((each) => each.rows.filter(({ row }) => attempts.has(row.attempt)));
      // Chunks first: a row without any is found again by the next verification, chunks without a row only by age.
      await removeChunks([...attempts], signal);
      await removeRows(
        named.map(({ id }) => id),
        signal,
      );
    },
    async sweep(strays, signal) {
      // Looked for once more: a search asks one replica, which may have missed the row.
      const dead: string[] = [];
      for (const { attempt } of strays) {
        if (!(await exists(rows, attemptRowObjectId(attempt), signal))) dead.push(attempt);
      }
      await removeChunks(dead, signal);
      return dead.length;
    },
    record: (verification, signal) => objects.insert([verificationObject(rows, verification)], signal),
    async close() {
      closing.abort();
      connection.close();
    },
  };
}

function nothingSeen(): Seen {
  return { places: new Set(), extra: 0, foreign: 0, vectors: 0, unindexed: new Set() };
}

function problemsOf(row: DocumentRow, seen: Seen): ChunkProblem[] {
  const problems: ChunkProblem[] = [];
  if (seen.places.size < row.chunks) problems.push("missing");
  if (seen.extra > 0) problems.push("duplicated");
  if (seen.foreign > 0) problems.push("foreign");
  if (seen.vectors > 0) problems.push("vector");
  if (seen.unindexed.size > 0) problems.push("unindexed");
  return problems;
}

function idsOf(row: DocumentRow, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => chunkObjectId(row.attempt, chunkId(row, from + at)));
}

/** Rows whose chunks come in one answer. */
function* groupsOf(rows: readonly DocumentRow[]): Generator<DocumentRow[]> {
  let group: DocumentRow[] = [];
  let chunks = 0;
  for (const row of rows) {
    if (group.length > 0 && (chunks + row.chunks > chunksPerRequest || group.length >= attemptsPerRequest)) {
      yield group;
      group = [];
      chunks = 0;
    }
    group.push(row);
    chunks += row.chunks;
  }
  if (group.length > 0) yield group;
}

function isUnit(bytes: Uint8Array | undefined, dimensions: number): boolean {
  if (bytes === undefined || bytes.byteLength !== dimensions * 4) return false;
  const length = Math.hypot(...fromBytes(bytes));
  return Math.abs(length - 1) <= unitTolerance;
}

/** Attempts among the next chunks in the order of their ids, by the server's cursor: nothing is sorted, nothing skipped. */
async function attemptsAfter(
  connection: Connection,
  settings: WeaviateSettings,
  after: string,
  signal: AbortSignal | undefined,
): Promise<{ strays: Stray[]; last: string | undefined }> {
  const cursor = `limit: ${straysPerPage}, after: ${JSON.stringify(after)}`;
  const query = `{ Get { ${settings.collection}(${cursor}) { attempt uri _additional { id creationTimeUnix } } } }`;
  const answer = await connection.http.send("POST", "/v1/graphql", { query }, signal);
  const body = answer.body as
    | { data?: { Get?: Record<string, FoundChunk[] | undefined> }; errors?: readonly { message?: string }[] }
    | undefined;
  const [error] = body?.errors ?? [];
  if (answer.status !== 200 || error !== undefined) {
    const message = error?.message ?? messagesOf(answer);
    throw /forbidden|rbac/i.test(message) ? denied(settings.url, 403) : serverFailure(message, settings.url);
  }
  const found = body?.data?.Get?.[settings.collection] ?? [];
  const strays = new Map<string, Stray>();
  for (const { attempt, uri, _additional: of } of found) {
    const known = strays.get(attempt);
    const newestMs = Math.max(Number(of.creationTimeUnix), known?.newestMs ?? 0);
    strays.set(attempt, { attempt, uri, chunks: (known?.chunks ?? 0) + 1, newestMs });
  }
  return { strays: [...strays.values()], last: found.at(-1)?._additional.id };
}

interface FoundChunk {
  readonly attempt: string;
  readonly uri: string;
  readonly _additional: { readonly id: string; readonly creationTimeUnix: string };
}
