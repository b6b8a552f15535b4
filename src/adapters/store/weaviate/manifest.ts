import type { Manifest } from "../../../core/ports.ts";
import type { ManifestEntry } from "../../../core/types.ts";
import type { Connection } from "./connection.ts";
import { unavailable } from "./failures.ts";
import { allOf, anyOf, equals, underPrefix } from "./filters.ts";
import { gathering, type Pace } from "./gathering.ts";
import { uriKey } from "./ids.ts";
import { manifestProperties, type Recorded, recordedOf } from "./manifest-objects.ts";
import { consistencyLevel, longestAnswer } from "./requests.ts";
import type { Filters, SearchResult } from "./rpc/weaviate_pb.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";
import { createUriWalk } from "./uri-walk.ts";

/** URIs asked for in one request. */
const urisPerRequest = 500;
const requestsInFlight = 2;
/** The first reading mends a difference between replicas, the second sees it mended; one more for a write that came between. */
const readings = 3;

export interface ManifestReader extends Manifest {
  /** Entries with the rows that no longer count, in the order asked. */
  recorded(uris: readonly string[], signal?: AbortSignal): Promise<Recorded[]>;
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

  const gathered = gathering<readonly string[], readonly Recorded[]>(
    { most: urisPerRequest, inFlight: requestsInFlight, weigh: (uris) => uris.length, pace },
    async (lists) => {
      const found = await lookUp(lists.flat());
      return lists.map((uris) => uris.map((uri) => found.get(uri) ?? nothing(uri)));
    },
  );

  async function recorded(uris: readonly string[], signal?: AbortSignal): Promise<Recorded[]> {
    if (uris.length === 0) return [];
    // Whoever may give up alone asks alone.
    if (signal === undefined) return [...(await gathered(uris))];
    const found = await lookUp(uris, signal);
    return uris.map((uri) => found.get(uri) ?? nothing(uri));
  }

  async function entries(uris: readonly string[]): Promise<ManifestEntry[]> {
    return (await recorded(uris)).map(({ entry }) => entry);
  }

  const walk = createUriWalk(connection, settings);
  let pausedWalk: PausedWalk | undefined;

  /** The walk that the last page left, if this is its next page, and comes soon. */
  function takeWalk(prefix: string, after: string | undefined): Walk | undefined {
    const paused = pausedWalk;
    pausedWalk = undefined;
    const fits = paused?.prefix === prefix && paused.last === after && performance.now() - paused.since < walkRestsMs;
    return fits ? paused : undefined;
  }

  async function count(filters: Filters | undefined): Promise<{ objects: number; chunks: number }> {
    const reply = await connection.call((client, options) =>
      client.aggregate(
        {
          collection,
          objectsCount: true,
          aggregations: [{ property: "chunks", aggregation: { case: "int", value: { sum: true } } }],
          ...(filters && { filters }),
        },
        options,
      ),
    );
    const single = reply.result.case === "singleResult" ? reply.result.value : undefined;
    const [sum] = single?.aggregations?.aggregations ?? [];
    const chunks = sum?.aggregation.case === "int" ? (sum.aggregation.value.sum ?? 0n) : 0n;
    return { objects: Number(single?.objectsCount ?? 0n), chunks: Number(chunks) };
  }

  return {
    recorded,
    entries,
    async page(prefix, after, limit) {
      const going = takeWalk(prefix, after) ?? { uris: [], lists: walk(prefix, after) };
      const listed: ManifestEntry[] = [];
      while (listed.length < limit) {
        if (going.uris.length === 0) {
          const next = await going.lists.next();
          if (next.done === true) return listed;
          going.uris = next.value;
        }
        for (const entry of await entries(going.uris.splice(0, limit - listed.length))) {
          if (entry.current?.state === "indexed" || entry.failure !== undefined) listed.push(entry);
        }
      }
      pausedWalk = { ...going, prefix, last: listed.at(-1)?.uri, since: performance.now() };
      return listed;
    },
    async count(prefix) {
      const under = underPrefix(prefix);
      const [indexed, failed, skipped] = await Promise.all(
        (["indexed", "failed", "skipped"] as const).map((state) => count(allOf(under, equals("state", state)))),
      );
      return {
        documents: indexed?.objects ?? 0,
        chunks: indexed?.chunks ?? 0,
        failed: failed?.objects ?? 0,
        skipped: skipped?.objects ?? 0,
      };
    },
  };
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

function nothing(uri: string): Recorded {
  return { entry: { uri }, stale: [], committedMs: 0 };
}
