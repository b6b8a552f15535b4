import type { Hit } from "../../../core/types.ts";
import type { Connection } from "./connection.ts";
import { withIds } from "./filters.ts";
import { chunkObjectId } from "./ids.ts";
import type { ManifestReader } from "./manifest.ts";
import { objectId, request } from "./rankings.ts";
import type { WeaviateSettings } from "./settings.ts";

const requestsInFlight = 8;

/**
 * The port's `termWeights`. The server's score of several terms is the sum of its scores of each, and its statistics are those of the
 * whole collection whatever is filtered: so each term is searched for by itself, among the hits alone.
 */
export async function termWeights(
  connection: Connection,
  manifest: ManifestReader,
  settings: WeaviateSettings,
  asked: { readonly terms: readonly string[]; readonly hits: readonly Pick<Hit, "chunkId" | "uri">[] },
  signal: AbortSignal | undefined,
): Promise<number[][]> {
  const { terms, hits } = asked;
  const uris = [...new Set(hits.map(({ uri }) => uri))];
  const entries = new Map((await manifest.entries(uris, signal)).map((entry) => [entry.uri, entry]));
  const ids = hits.map(({ uri, chunkId }) => chunkObjectId(entries.get(uri)?.current?.attempt ?? "", chunkId));
  if (ids.length === 0) return [];
  const weigh = async (term: string): Promise<Map<string, number>> => {
    if (term.trim() === "") return new Map();
    const results = await request(connection, settings, signal, {
      limit: ids.length,
      properties: { nonRefProperties: ["chunkId"] },
      metadata: { uuid: true, score: true },
      filters: withIds(ids),
      bm25Search: { query: term, properties: ["terms"] },
    });
    return new Map(results.map((result) => [objectId(result), result.metadata?.score ?? 0]));
  };
  const byTerm: Map<string, number>[] = [];
  for (let at = 0; at < terms.length; at += requestsInFlight) {
    byTerm.push(...(await Promise.all(terms.slice(at, at + requestsInFlight).map(weigh))));
  }
  return ids.map((id) => byTerm.map((scores) => scores.get(id) ?? 0));
}
