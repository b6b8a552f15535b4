import { createBatcher } from "../../../core/batcher.ts";
import { compareOrder } from "../../../core/order.ts";
import type { Holds, Manifest } from "../../../core/ports.ts";
import type { HeldDeletion, ManifestEntry, Verification } from "../../../core/types.ts";
import type { Connection } from "./connection.ts";
import { unavailable } from "./failures.ts";
import { above, allOf, anyOf, equals, underPrefix, withIds } from "./filters.ts";
import { heldObjectId, uriKey, verificationObjectId } from "./ids.ts";
import {
  heldMark,
  manifestProperties,
  nothingRecorded,
  type Recorded,
  recordedOf,
  removedProperty,
} from "./manifest-objects.ts";
import type { Pace } from "./pace.ts";
import { fieldsOf } from "./properties.ts";
import { consistencyLevel, longestAnswer, objectsIn } from "./requests.ts";
import type { Filters, SearchResult } from "./rpc/weaviate_pb.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";
import { createUriWalk, documentsWalked } from "./uri-walk.ts";

/** URIs asked for in one request. */
const urisPerRequest = 500;
const requestsInFlight = 2;
/** The first reading mends a difference between replicas, the second sees it mended; one more for a write that came between. */
const readings = 3;

export interface ManifestReader extends Manifest, Holds {
  /** As `held`, with those that a later row has made void. */
  heldAndVoid(prefix: string, signal?: AbortSignal): AsyncIterable<Hold>;
  /** Tombstones under the prefix that came after `since`, by the server's clock, those excused left out. */
  removedSince(prefix: string, since: number, signal?: AbortSignal): Promise<number>;
  /** Entries with the rows that no longer count, in the order asked. */
  recorded(uris: readonly string[], signal?: AbortSignal): Promise<Recorded[]>;
  verified(signal?: AbortSignal): Promise<Verification | undefined>;
}

/** A held deletion as it lies in the manifest. */
interface Hold {
  readonly deletion: HeldDeletion;
  /** `void`: a row came that stands above what was to go. `unknown`: the row is not (yet) to be seen. */
  readonly state: "stands" | "void" | "unknown";
}

/**
 * The read half of the manifest.
 *
 * @param pace of a writer; a reader's requests wait for nobody.
 */
export function createManifest(connection: Connection, settings: WeaviateSettings, pace?: Pace): ManifestReader {
  const collection = manifestCollection(settings);

  async function find(filters: Filters, signal?: AbortSignal) {
    const reply = await connection.call(
      (client, options) =>
        client.search(
          {
            collection,
            limit: longestAnswer,
            uses127Api: true,
            consistencyLevel: consistencyLevel(settings.readConsistency),
            properties: { nonRefProperties: [...manifestProperties] },
            metadata: { uuid: true, creationTimeUnix: true, isConsistent: true },
            filters,
          },
          options,
        ),
      signal,
    );
    return reply.results;
  }

  /**
   * The server searches one replica, compares what it finds with the others as the consistency level says, and mends the
   * differences; but it answers with what it found, only marked. A replica that was away would show rows that are gone.
   */
  async function findAgreed(filters: Filters, signal?: AbortSignal): Promise<readonly SearchResult[]> {
    for (let reading = 1; reading <= readings; reading++) {
      const results = await find(filters, signal);
      if (results.every(({ metadata }) => metadata?.isConsistent !== false)) return results;
    }
    throw unavailable(
      `its copies of the manifest do not agree yet, or too few of them answer for ISTHMUS_READ_CONSISTENCY=${settings.readConsistency}`,
      settings.grpcUrl,
    );
  }

  async function lookUp(uris: readonly string[], signal?: AbortSignal): Promise<Map<string, Recorded>> {
    const unique = [...new Set(uris)];
    const results: SearchResult[] = [];
    for (let from = 0; from < unique.length; from += urisPerRequest) {
      const keys = unique.slice(from, from + urisPerRequest).map(uriKey);
      results.push(...(await findAgreed(anyOf("uriKey", keys), signal)));
    }
    return recordedOf(unique, results);
  }

  /** The entry of each, or one that knows nothing. */
  const inOrder = (uris: readonly string[], found: ReadonlyMap<string, Recorded>) =>
    uris.map((uri) => found.get(uri) ?? nothingRecorded(uri));

  const batched = createBatcher<readonly string[], Recorded[]>(
    { most: urisPerRequest, inFlight: requestsInFlight, weigh: (uris) => uris.length, pace, askers: settings.wire },
    async (lists) => {
      const found = await lookUp(lists.flat());
      return lists.map((uris) => inOrder(uris, found));
    },
  );

  async function recorded(uris: readonly string[], signal?: AbortSignal): Promise<Recorded[]> {
    if (uris.length === 0) return [];
    // A reader that gives up ends its request; requests that many share go on without the one who left.
    if (pace !== undefined || signal === undefined) return await batched(uris, signal);
    return inOrder(uris, await lookUp(uris, signal));
  }

  async function entries(uris: readonly string[], signal?: AbortSignal): Promise<ManifestEntry[]> {
    return (await recorded(uris, signal)).map(({ entry }) => entry);
  }

  const walk = createUriWalk(connection, settings, documentsWalked);
  const walkHeld = createUriWalk(connection, settings, { states: ["held"], mark: heldMark });
  let pausedWalk: PausedWalk | undefined;

  /** The walk that the last page left, if this is its next page, and comes soon. */
  function takeWalk(prefix: string, after: string | undefined): Walk | undefined {
    const paused = pausedWalk;
    pausedWalk = undefined;
    const fits = paused?.prefix === prefix && paused.last === after && performance.now() - paused.since < walkRestsMs;
    return fits ? paused : undefined;
  }

  async function count(filters: Filters | undefined, signal: AbortSignal | undefined) {
    const reply = await connection.call(
      (client, options) =>
        client.aggregate(
          {
            collection,
            objectsCount: true,
            aggregations: [{ property: "chunks", aggregation: { case: "int", value: { sum: true } } }],
            ...(filters && { filters }),
          },
          options,
        ),
      signal,
    );
    const single = reply.result.case === "singleResult" ? reply.result.value : undefined;
    const [sum] = single?.aggregations?.aggregations ?? [];
    // Of no objects there is no sum.
    const chunks = sum?.aggregation.case === "int" ? (sum.aggregation.value.sum ?? 0n) : 0n;
    return { objects: objectsIn(reply), chunks: Number(chunks) };
  }

  async function* heldAndVoid(prefix: string, signal?: AbortSignal): AsyncGenerator<Hold> {
    for await (const uris of walkHeld(prefix, undefined)) {
      for (let from = 0; from < uris.length; from += urisPerRequest) {
        signal?.throwIfAborted();
        const asked = uris.slice(from, from + urisPerRequest);
        const results = await findAgreed(withIds(asked.map(heldObjectId)), signal);
        const deletions = results.map((result) => JSON.parse(fieldsOf(result).text("row")) as HeldDeletion);
        const found = new Map(deletions.map((deletion) => [deletion.uri, deletion]));
        for (const entry of await entries(asked, signal)) {
          const deletion = found.get(entry.uri);
          if (deletion !== undefined) yield { deletion, state: stateOfHold(deletion, entry) };
        }
      }
    }
  }

  return {
    recorded,
    entries,
    heldAndVoid,
    async *held(prefix, signal) {
      for await (const { deletion, state } of heldAndVoid(prefix, signal)) if (state === "stands") yield deletion;
    },
    async removedSince(prefix, since, signal) {
      return (await count(allOf(underPrefix(prefix), above(removedProperty, since)), signal)).objects;
    },
    async verified(signal) {
      const [result] = await find(withIds([verificationObjectId]), signal);
      return result === undefined ? undefined : (JSON.parse(fieldsOf(result).text("row")) as Verification);
    },
    async page(prefix, after, limit, signal) {
      const going = takeWalk(prefix, after) ?? { uris: [], lists: walk(prefix, after) };
      const listed: ManifestEntry[] = [];
      while (listed.length < limit) {
        signal?.throwIfAborted();
        if (going.uris.length === 0) {
          const next = await going.lists.next();
          if (next.done === true) return listed;
          going.uris = next.value;
        }
        for (const entry of await entries(going.uris.splice(0, limit - listed.length), signal)) {
          if (entry.current?.state === "indexed" || entry.failure !== undefined) listed.push(entry);
        }
      }
      pausedWalk = { ...going, prefix, last: listed.at(-1)?.uri, since: performance.now() };
      return listed;
    },
    async count(prefix, signal) {
      const under = underPrefix(prefix);
      const inState = (state: "indexed" | "failed" | "skipped") => count(allOf(under, equals("state", state)), signal);
      const [indexed, failed, skipped] = await Promise.all([inState("indexed"), inState("failed"), inState("skipped")]);
      return {
        documents: indexed.objects,
        chunks: indexed.chunks,
        failed: failed.objects,
        skipped: skipped.objects,
      };
    },
  };
}

function stateOfHold({ order }: HeldDeletion, { current }: ManifestEntry): Hold["state"] {
  if (current === undefined) return "unknown";
  const newer = compareOrder(current.order, order);
  if (newer === 0) return current.state === "indexed" ? "stands" : "void";
  return newer > 0 ? "void" : "unknown";
}

interface Walk {
  /** Listed, and not looked up yet. */
  uris: string[];
  readonly lists: AsyncGenerator<string[]>;
}

interface PausedWalk extends Walk {
  readonly prefix: string;
  readonly last: string | undefined;
  readonly since: number;
}

/** What a walk has listed grows old; after this time the next page lists anew. */
const walkRestsMs = 60_000;
