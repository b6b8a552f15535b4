import { present } from "../../../core/errors.ts";
import { measuresOthers, rank } from "../../../core/fusion.ts";
import type { Hit, SearchQuery, TurnedAway } from "../../../core/types.ts";
import type { Connection } from "./connection.ts";
import type { ManifestReader } from "./manifest.ts";
import type { Recorded } from "./manifest-objects.ts";
import { contentsOf, type FoundChunk, findChunks, hasTerms } from "./rankings.ts";
import { longestAnswer } from "./requests.ts";
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
 * hits count (a large file that is just being written may hold more chunks than any depth), or while one that does not
 * count shapes the scores of others; and once more where a document was committed so lately that the search may have seen
 * half of it.
 */
export function createSearch(connection: Connection, manifest: ManifestReader, settings: WeaviateSettings) {
  return async function search(
    query: SearchQuery,
    signal?: AbortSignal,
    onTurnedAway?: (turnedAway: readonly TurnedAway[]) => void,
  ): Promise<Hit[]> {
    if (query.mode === "keyword" && !hasTerms(query)) return [];
    const seen = new Set<string>();
    /** Attempts that did not count, with their documents. */
    const hidden = new Map<string, string>();
    const turned = createTurnedAway();
    let depth = query.limit + margin;
    for (let round = 1; ; round++) {
      const startedAt = connection.http.serverNow();
      const found = await findChunks(connection, settings, query, { depth, without: [...hidden.keys()] }, signal);
      const uris = [...new Set([...found.map(({ uri }) => uri), ...hidden.values()])];
      const [listed, contents] = await Promise.all([
        manifest.recorded(uris, signal),
        contentsOf(connection, settings, found, signal),
      ]);
      const recorded = new Map(listed.map((each) => [each.entry.uri, each]));
      const last = round === rounds;
      const unsettled = new Set<string>();
      for (const [uri, { entry, current }] of recorded) {
        if (entry.current?.state !== "indexed") continue;
        const { attempt } = entry.current;
        // Its commit came while it was left out of the search.
        const missed = hidden.delete(attempt);
        if (
          (!missed && present(current, `the current row of ${uri}`).createdMs < startedAt - youngMs) ||
          seen.has(attempt)
        )
          continue;
        seen.add(attempt);
        unsettled.add(uri);
      }
      let skewed = false;
      for (const { attempt, objectId, uri, rankings } of found) {
        if (isCurrent(attempt, recorded.get(uri))) continue;
        hidden.set(attempt, uri);
        turned.add(objectId, uri, reasonOf(recorded.get(uri)));
        skewed ||= query.mode === "hybrid" && measuresOthers(rankings);
      }
      const visible = found.flatMap((chunk) => {
        const content = contents.get(chunk.objectId);
        if (content === undefined || !counts(chunk, recorded.get(chunk.uri))) return [];
        if (last && unsettled.has(chunk.uri)) {
          turned.add(chunk.objectId, chunk.uri, "unsettled");
          return [];
        }
        return [{ ...content, score: chunk.score, rankings: chunk.rankings }];
      });
      const enough = visible.length >= query.limit || found.length < depth || depth >= longestAnswer;
      if (last || (unsettled.size === 0 && enough && !skewed)) {
        onTurnedAway?.(turned.all());
        return rank(visible).slice(0, query.limit);
      }
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

function reasonOf(recorded: Recorded | undefined): TurnedAway["reason"] {
  const current = recorded?.entry.current;
  if (current === undefined) return "uncommitted";
  return current.state === "deleted" ? "deleted" : "superseded";
}

/** Each object once, however many rounds met it. */
function createTurnedAway() {
  const met = new Map<string, { readonly uri: string; readonly reason: TurnedAway["reason"] }>();
  return {
    add(objectId: string, uri: string, reason: TurnedAway["reason"]): void {
      met.set(objectId, { uri, reason });
    },
    all(): TurnedAway[] {
      const counted = new Map<string, TurnedAway>();
      for (const { uri, reason } of met.values()) {
        const key = `${reason} ${uri}`;
        counted.set(key, { uri, reason, passages: (counted.get(key)?.passages ?? 0) + 1 });
      }
      return [...counted.values()];
    },
  };
}
