import { present } from "../../../core/errors.ts";
import { alone, type FusedChunk, fuse, fusionDepth, measuresOthers, rank } from "../../../core/fusion.ts";
import type { Hit, Rankings, SearchQuery } from "../../../core/types.ts";
import { toBytes } from "../vector-bytes.ts";
import { type ChunkMark, chunkContent, chunkMark, hitProperties, markProperties } from "./chunk-objects.ts";
import type { Connection } from "./connection.ts";
import { allOf, filterOf, noneOf, withIds } from "./filters.ts";
import { consistencyLevel, longestAnswer } from "./requests.ts";
import type { Filters, SearchResult } from "./rpc/weaviate_pb.ts";
import { Vectors_VectorType } from "./rpc/weaviate_pb.ts";
import type { WeaviateSettings } from "./settings.ts";

/** A chunk that a search found, with its score and its places, and not yet with what it says. */
export interface FoundChunk extends ChunkMark {
  readonly objectId: string;
  readonly score: number;
  readonly rankings: Rankings;
  /** There already, where the search was one request that brought it along. */
  readonly content?: Content;
}

type Content = Omit<Hit, "score" | "rankings">;

interface Entry extends ChunkMark {
  readonly objectId: string;
  readonly score: number;
  readonly content?: Content;
}

/** Entries beyond the depth of a fusion, so that equal scores at its cut are ordered by chunk id. */
const tieMargin = 16;

export function hasTerms(query: SearchQuery): boolean {
  return query.terms?.some((term) => term.trim() !== "") === true;
}

/**
 * The best `depth` chunks, and those whose scores measure others'. For hybrid search two rankings are asked for side by side,
 * each as deep as the fusion wants it, with no more of a chunk than tells it apart.
 */
export async function findChunks(
  connection: Connection,
  settings: WeaviateSettings,
  query: SearchQuery,
  { depth, without }: { depth: number; without: readonly string[] },
  signal: AbortSignal | undefined,
): Promise<FoundChunk[]> {
  const filters = allOf(filterOf(query.filter), without.length === 0 ? undefined : noneOf("attempt", without));
  const ask = (mode: keyof Rankings, limit: number, withContent: boolean) =>
    ranking(connection, settings, { query, mode, limit, filters, withContent }, signal);
  if (query.mode !== "hybrid") {
    const entries = await ask(query.mode, depth, true);
    return joined(alone(query.mode, entries.map(keyed)), entries);
  }
  const fused = fusionDepth(query.limit);
  const wanted = Math.min(Math.max(depth, fused + tieMargin), longestAnswer);
  const [byVector, byKeyword] = await Promise.all([
    ask("vector", wanted, false),
    hasTerms(query) ? ask("keyword", wanted, false) : [],
  ]);
  const cut = Math.max(depth, fused);
  const ranked = fuse({
    vector: byVector.map(keyed).slice(0, cut),
    keyword: byKeyword.map(keyed).slice(0, cut),
    depth: cut,
    ...(query.unfamiliar !== undefined && { unfamiliar: query.unfamiliar }),
  });
  const looked = ranked.filter(({ rankings }, at) => at < depth || measuresOthers(rankings));
  return joined(looked, [...byVector, ...byKeyword]);
}

/** What the chunks say, by the id of their objects; one that is gone meanwhile is missing. */
export async function contentsOf(
  connection: Connection,
  settings: WeaviateSettings,
  chunks: readonly FoundChunk[],
  signal: AbortSignal | undefined,
): Promise<Map<string, Content>> {
  const known = new Map<string, Content>();
  const wanted: string[] = [];
  for (const { objectId, content } of chunks) {
    if (content === undefined) wanted.push(objectId);
    else known.set(objectId, content);
  }
  if (wanted.length === 0) return known;
  const results = await request(connection, settings, signal, {
    limit: wanted.length,
    properties: { nonRefProperties: [...hitProperties] },
    metadata: { uuid: true },
    filters: withIds(wanted),
  });
  for (const result of results) known.set(objectId(result), chunkContent(result));
  return known;
}

interface RankingRequest {
  readonly query: SearchQuery;
  readonly mode: keyof Rankings;
  readonly limit: number;
  readonly filters: Filters | undefined;
  readonly withContent: boolean;
}

/** One ranking, best first; equal scores by chunk id. */
async function ranking(
  connection: Connection,
  settings: WeaviateSettings,
  { query, mode, limit, filters, withContent }: RankingRequest,
  signal: AbortSignal | undefined,
): Promise<Entry[]> {
  const way =
    mode === "vector"
      ? {
          nearVector: {
            vectors: [
              {
                vectorBytes: toBytes(present(query.vector, "the vector of a search")),
                type: Vectors_VectorType.SINGLE_FP32,
              },
            ],
          },
        }
      : {
          bm25Search: {
            query: present(query.terms, "the terms of a search").join(" "),
            properties: ["terms"],
          },
        };
  const results = await request(connection, settings, signal, {
    limit,
    properties: { nonRefProperties: withContent ? [...hitProperties, "attempt"] : [...markProperties] },
    metadata: { uuid: true, ...(mode === "vector" ? { distance: true } : { score: true }) },
    ...(filters && { filters }),
    ...way,
  });
  const entries = results.map((result) => {
    const { distance, score } = present(result.metadata, "what a ranking says of an object");
    const content = withContent ? chunkContent(result) : undefined;
    const place = { objectId: objectId(result), score: mode === "vector" ? 1 - distance : score };
    return { ...chunkMark(result), ...place, ...(content && { content }) };
  });
  return rank(entries);
}

/** @throws `internal` where it was not asked for. */
export function objectId({ metadata }: SearchResult): string {
  const id = metadata?.id;
  return present(id === "" ? undefined : id, "the id of an object");
}

/** One search of the chunks, at the reader's consistency. */
export async function request(
  connection: Connection,
  settings: WeaviateSettings,
  signal: AbortSignal | undefined,
  search: object,
): Promise<readonly SearchResult[]> {
  const reply = await connection.call(
    (client, options) =>
      client.search(
        {
          collection: settings.collection,
          uses127Api: true,
          consistencyLevel: consistencyLevel(settings.readConsistency),
          ...search,
        },
        options,
      ),
    signal,
  );
  return reply.results;
}

/** Two attempts may hold a chunk of the same id: each is ranked by itself. */
function keyed({ chunkId, attempt, score }: Entry): { chunkId: string; score: number } {
  return { chunkId: `${chunkId} ${attempt}`, score };
}

function joined(ranked: readonly FusedChunk[], entries: readonly Entry[]): FoundChunk[] {
  const byKey = new Map(entries.map((entry) => [keyed(entry).chunkId, entry]));
  return ranked.flatMap(({ chunkId, score, rankings }) => {
    const entry = byKey.get(chunkId);
    return entry === undefined ? [] : [{ ...entry, score, rankings }];
  });
}
