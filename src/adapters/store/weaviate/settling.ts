import { compareOrder } from "../../../core/order.ts";
import type { DocumentRow } from "../../../core/types.ts";
import type { Connection } from "./connection.ts";
import { allOf, anyOf, equals, noneOf, withIds } from "./filters.ts";
import { gathering, type Pace } from "./gathering.ts";
import { attemptId, uriKey } from "./ids.ts";
import type { ManifestReader } from "./manifest.ts";
import type { Recorded } from "./manifest-objects.ts";
import type { Objects } from "./objects.ts";
import { fieldsOf } from "./properties.ts";
import { consistencyLevel } from "./requests.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";

/** Chunks looked at in one request; their attempts are what counts. */
const chunksPerRequest = 1_000;
const urisPerRequest = 100;

/**
 * Removes what no longer counts of the given URIs: chunks of attempts that the current row has superseded, then the rows
 * themselves. Rows go last, so that a process that dies in between leaves the sign that something is left to do.
 *
 * @returns a function that takes a URI, and what the manifest held of it where the caller has just read it. A reading that
 * is older than a commit of somebody else removes less than it could, and nothing more: that writer settles for itself.
 */
export function createSettling(
  connection: Connection,
  settings: WeaviateSettings,
  manifest: ManifestReader,
  objects: Objects,
  pace: Pace,
): (uri: string, recorded?: Recorded) => Promise<void> {
  async function settle(recorded: readonly Recorded[]): Promise<void> {
    const current = recorded.flatMap(({ entry }) => (entry.current === undefined ? [] : [entry.current]));
    /** Attempts that are being written: a large one would fill every answer, and hide what there is to remove. */
    const coming = new Set<string>();
    for (;;) {
      const known = coming.size;
      const superseded = await supersededAttempts(current, coming);
      for (const { uri, attempts } of superseded.byUri) {
        const filters = allOf(equals("uriKey", uriKey(uri)), anyOf("attempt", attempts));
        if (filters !== undefined) await objects.remove(settings.collection, filters);
      }
      if (superseded.all || (superseded.byUri.length === 0 && coming.size === known)) break;
    }
    await removeRows(recorded);
  }

  async function removeRows(recorded: readonly Recorded[]): Promise<void> {
    const stale = recorded.flatMap((each) => each.stale);
    if (stale.length > 0) await objects.remove(manifestCollection(settings), withIds(stale));
  }

  async function supersededAttempts(
    rows: readonly DocumentRow[],
    coming: Set<string>,
  ): Promise<{
    byUri: { uri: string; attempts: string[] }[];
    /** Whether all chunks in question were seen. */
    all: boolean;
  }> {
    if (rows.length === 0) return { byUri: [], all: true };
    const kept = [...rows.filter(({ state }) => state === "indexed").map(attemptId), ...coming];
    const filters = allOf(
      anyOf(
        "uriKey",
        rows.map(({ uri }) => uriKey(uri)),
      ),
      kept.length === 0 ? undefined : noneOf("attempt", kept),
    );
    const reply = await objects.patiently(() =>
      connection.call((client, options) =>
        client.search(
          {
            collection: settings.collection,
            limit: chunksPerRequest,
            uses127Api: true,
            consistencyLevel: consistencyLevel(settings.readConsistency),
            properties: { nonRefProperties: ["uri", "attempt", "generation", "reindex"] },
            ...(filters && { filters }),
          },
          options,
        ),
      ),
    );
    const currentOf = new Map(rows.map((row) => [row.uri, row]));
    const doomed = new Map<string, Set<string>>();
    for (const result of reply.results) {
      const fields = fieldsOf(result);
      const row = currentOf.get(fields.text("uri"));
      if (row === undefined) continue;
      const order = { generation: fields.integer("generation"), reindex: fields.integer("reindex") };
      if (compareOrder(order, row.order) > 0) {
        coming.add(fields.text("attempt"));
        continue;
      }
      const attempts = doomed.get(row.uri) ?? new Set();
      doomed.set(row.uri, attempts.add(fields.text("attempt")));
    }
    return {
      byUri: Array.from(doomed, ([uri, attempts]) => ({ uri, attempts: [...attempts] })),
      all: reply.results.length < chunksPerRequest,
    };
  }

  const gathered = gathering<Recorded, void>(
    { most: urisPerRequest, inFlight: 1, weigh: () => 1, pace },
    async (recorded) => {
      await settle([...new Map(recorded.map((each) => [each.entry.uri, each])).values()]);
      return [];
    },
  );
  return async (uri, recorded) => {
    const [read] = recorded === undefined ? await objects.patiently(() => manifest.recorded([uri])) : [recorded];
    if (read !== undefined) await gathered(read);
  };
}
