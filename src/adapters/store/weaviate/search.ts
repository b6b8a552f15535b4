import { DEFAULT_VECTOR_WEIGHT, fuse, fusionDepth, rank } from "../../../core/fusion.ts";
import type { Hit, SearchQuery } from "../../../core/types.ts";
import { toBytes } from "../vector-bytes.ts";
import { type FoundChunk, foundChunk, hitProperties } from "./chunk-objects.ts";
import type { Connection } from "./connection.ts";
import { allOf, filterOf, noneOf } from "./filters.ts";
import type { ManifestReader } from "./manifest.ts";
import type { Recorded } from "./manifest-objects.ts";
import { consistencyLevel, longestAnswer } from "./requests.ts";
import { Hybrid_FusionType, Vectors_VectorType } from "./rpc/weaviate_pb.ts";
import type { WeaviateSettings } from "./settings.ts";

/** Hits beyond the wanted ones: for those that turn out not to count, and so that ties at the cut are ordered by id. */
const margin = 16;
/**
 * A commit this young may have come between the search and the look at the manifest. By the server's clock, which the
 * connection knows to within a second; the rest is for the clocks of a cluster's nodes, which differ among themselves.
 */
const youngMs = 10_000;
const rounds = 6;

/**
 * Searches, then checks the hits against the manifest, in one read for all of them. A chunk counts if its attempt is the
 * current one of its document. The search runs again, deeper and without the attempts that do not count, while too few
 * hits count (a large file that is just being written may hold more chunks than any depth); and once more where a
 * document was committed so lately that the search may have seen half of it.
 */
export function createSearch(connection: Connection, manifest: ManifestReader, settings: WeaviateSettings) {
  return async function search(query: SearchQuery, signal?: AbortSignal): Promise<Hit[]> {
    if (query.mode === "keyword" && !hasTerms(query)) return [];
    const seen = new Set<string>();
    /** Attempts that did not count, with their documents. */
    const hidden = new Map<string, string>();
    let depth = query.limit + margin;
    for (let round = 1; ; round++) {
      const startedAt = connection.http.serverNow();
      const found = await find(connection, settings, query, { depth, without: [...hidden.keys()] }, signal);
      const uris = [...new Set([...found.map(({ uri }) => uri), ...hidden.values()])];
      const recorded = new Map((await manifest.recorded(uris, signal)).map((each) => [each.entry.uri, each]));
      const last = round === rounds;
      const unsettled = new Set<string>();
      for (const [uri, { entry, current }] of recorded) {
        if (entry.current?.state !== "indexed") continue;
        const { attempt } = entry.current;
        // Its commit came while it was left out of the search.
        const missed = hidden.delete(attempt);
        if ((!missed && (current?.createdMs ?? 0) < startedAt - youngMs) || seen.has(attempt)) continue;
        seen.add(attempt);
        unsettled.add(uri);
      }
      for (const { attempt, uri } of found) {
        if (!isCurrent(attempt, recorded.get(uri))) hidden.set(attempt, uri);
      }
      const visible = found.filter((hit) => counts(hit, recorded.get(hit.uri)) && !(last && unsettled.has(hit.uri)));
      const enough = visible.length >= query.limit || found.length < depth || depth >= longestAnswer;
      if (last || (unsettled.size === 0 && enough)) return rank(visible).slice(0, query.limit).map(asHit);
      if (!enough) depth = Math.min(depth * 2, longestAnswer);
    }
  };
}

function isCurrent(attempt: string, recorded: Recorded | undefined): boolean {
  const current = recorded?.entry.current;
  return current?.state === "indexed" && current.attempt === attempt;
}

function counts(hit: FoundChunk, recorded: Recorded | undefined): boolean {
  return isCurrent(hit.attempt, recorded);
}

function asHit({ attempt: _, ordinal: __, ...hit }: FoundChunk): Hit {
  return hit;
}

function hasTerms(query: SearchQuery): boolean {
  return query.terms?.some((term) => term.trim() !== "") === true;
}

async function find(
  connection: Connection,
  settings: WeaviateSettings,
  query: SearchQuery,
  { depth, without }: { depth: number; without: readonly string[] },
  signal: AbortSignal | undefined,
): Promise<FoundChunk[]> {
  // Without a word to look for, hybrid is the vector ranking alone, scored as the fusion scores it.
  const fused = query.mode === "hybrid" && !hasTerms(query);
  const mode = fused ? "vector" : query.mode;
  const filters = allOf(filterOf(query.filter), without.length === 0 ? undefined : noneOf("attempt", without));
  const ranking = rankingOf(mode, query);
  const reply = await connection.call(
    (client, options) =>
      client.search(
        {
          collection: settings.collection,
          limit: fused ? Math.max(depth, fusionDepth(query.limit)) : depth,
          uses127Api: true,
          consistencyLevel: consistencyLevel(settings.readConsistency),
          properties: { nonRefProperties: [...hitProperties] },
          metadata: mode === "vector" ? { distance: true } : { score: true },
          ...(filters && { filters }),
          ...ranking,
        },
        options,
      ),
    signal,
  );
  const found = reply.results.map((result) => {
    const { distance = 0, score = 0 } = result.metadata ?? {};
    return foundChunk(result, mode === "vector" ? 1 - distance : score);
  });
  if (!fused) return found;
  const scores = new Map(fuse(found, []).map(({ chunkId, score }) => [chunkId, score]));
  return found.map((hit) => ({ ...hit, score: scores.get(hit.chunkId) ?? 0 })).slice(0, depth);
}

function rankingOf(mode: SearchQuery["mode"], { vector = new Float32Array(), terms = [] }: SearchQuery) {
  const query = terms.join(" ");
  const vectors = [{ vectorBytes: toBytes(vector), type: Vectors_VectorType.SINGLE_FP32 }];
  switch (mode) {
    case "vector":
      return { nearVector: { vectors } };
    case "keyword":
      return { bm25Search: { query, properties: ["terms"] } };
    case "hybrid":
      return {
        hybridSearch: {
          query,
          properties: ["terms"],
          vectors,
          alphaParam: DEFAULT_VECTOR_WEIGHT,
          useAlphaParam: true,
          fusionType: Hybrid_FusionType.RELATIVE_SCORE,
        },
      };
  }
}
