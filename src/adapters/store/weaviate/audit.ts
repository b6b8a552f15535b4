import { chunkId } from "../../../core/identity.ts";
import type { StoreAudit } from "../../../core/ports.ts";
import type { ChunkProblem, Damage, DocumentRow, ModelIdentity, Stray } from "../../../core/types.ts";
import { fromBytes, toBytes } from "../vector-bytes.ts";
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
  /** Places that a search by vector finds. */
  readonly near: Set<number>;
  extra: number;
  foreign: number;
  vectors: number;
}

/** The audit of a Weaviate. */
export function createAudit(connection: Connection, settings: WeaviateSettings, identity: ModelIdentity): StoreAudit {
  const closing = new AbortController();
  const manifest = createManifest(connection, settings);
  const objects = createObjects(connection, settings, closing.signal, createPace());
  const rows = manifestCollection(settings);
  const leaseMs = leaseOf(settings);
  const anyVector = toBytes(Float32Array.from({ length: identity.dimensions }, (_, at) => (at === 0 ? 1 : 0)));

  /**
   * What passes the filter, with its vector; or, by vector, what of it the vector index holds: of so few the server measures each
   * (below its flatSearchCutoff of 40,000), and leaves out what is no node of the graph.
   */
  async function search(
    by: "filter" | "vector",
    filters: Filters,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<SearchResult[]> {
    const asked =
      by === "filter"
        ? { properties: { nonRefProperties: ["uri", "attempt", "ordinal"] }, metadata: { vector: true } }
        : {
            properties: { nonRefProperties: ["attempt", "ordinal"] },
            nearVector: { vectors: [{ vectorBytes: anyVector, type: Vectors_VectorType.SINGLE_FP32 }] },
          };
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
                ...asked,
                filters,
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

  /** Documents whose chunks fit into one answer together. */
  async function inspectTogether(
    group: readonly DocumentRow[],
    signal: AbortSignal | undefined,
  ): Promise<Map<string, Seen>> {
    const seen = new Map(group.map((row) => [row.attempt, nothingSeen()]));
    const rowOf = new Map(group.map((row) => [row.attempt, row]));
    const chunks = group.reduce((sum, row) => sum + row.chunks, 0);
    const theirs = anyOf("attempt", [...rowOf.keys()]);
    for (const result of await search("filter", theirs, chunks + margin, signal)) {
      const attempt = fieldsOf(result).text("attempt");
      const [row, one] = [rowOf.get(attempt), seen.get(attempt)];
      if (row !== undefined && one !== undefined) note(one, row, result);
    }
    for (const result of await search("vector", theirs, chunks + margin, signal)) {
      const fields = fieldsOf(result);
      seen.get(fields.text("attempt"))?.near.add(fields.integer("ordinal"));
    }
    return seen;
  }

  /** A document of very many chunks, by the ids that they must have. */
  async function inspectAlone(row: DocumentRow, signal: AbortSignal | undefined): Promise<Seen> {
    const seen = nothingSeen();
    for (let from = 0; from < row.chunks; from += chunksPerRequest) {
      const ids = idsOf(row, from, Math.min(from + chunksPerRequest, row.chunks));
      for (const result of await search("filter", withIds(ids), ids.length, signal)) note(seen, row, result);
      for (const result of await search("vector", withIds(ids), ids.length, signal)) {
        seen.near.add(fieldsOf(result).integer("ordinal"));
      }
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
        // Of what the same replica shows: one that is asked for by its id below may be another's.
        const unindexed = one.places.difference(one.near).size;
        if (one.places.size < row.chunks) await lookForMissing(row, one, signal);
        const problems = problemsOf(row, one, unindexed);
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
  return { places: new Set(), near: new Set(), extra: 0, foreign: 0, vectors: 0 };
}

function problemsOf(row: DocumentRow, seen: Seen, unindexed: number): ChunkProblem[] {
  const problems: ChunkProblem[] = [];
  if (seen.places.size < row.chunks) problems.push("missing");
  if (seen.extra > 0) problems.push("duplicated");
  if (seen.foreign > 0) problems.push("foreign");
  if (seen.vectors > 0) problems.push("vector");
  if (unindexed > 0) problems.push("unindexed");
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
