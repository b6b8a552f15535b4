import { chunkId } from "../../../core/identity.ts";
import type { DocumentPassages, DocumentRow } from "../../../core/types.ts";
import { chunkContent, hitProperties } from "./chunk-objects.ts";
import type { Connection } from "./connection.ts";
import { unavailable } from "./failures.ts";
import { withIds } from "./filters.ts";
import { chunkObjectId } from "./ids.ts";
import type { ManifestReader } from "./manifest.ts";
import { objectId, request } from "./rankings.ts";
import type { WeaviateSettings } from "./settings.ts";

/** A version that is replaced while it is read is read again, as often. */
const readings = 3;

/**
 * The port's `passages`. An object's id follows from its attempt and its place, so a page costs what is on it however long the document
 * is. What the current row promises and one replica does not show is looked for again, by a row that may be another by then.
 */
export async function passagesOf(
  connection: Connection,
  manifest: ManifestReader,
  settings: WeaviateSettings,
  asked: { readonly uri: string; readonly from: number; readonly limit: number },
  signal: AbortSignal | undefined,
): Promise<DocumentPassages | undefined> {
  const { uri, from, limit } = asked;
  let missing = 0;
  for (let reading = 1; reading <= readings; reading++) {
    const [entry] = await manifest.entries([uri], signal);
    const row = entry?.current;
    if (row === undefined || row.state !== "indexed") return undefined;
    const ids = idsOf(row, from, limit);
    const found = new Map<string, ReturnType<typeof chunkContent>>();
    if (ids.length > 0) {
      const results = await request(connection, settings, signal, {
        limit: ids.length,
        properties: { nonRefProperties: [...hitProperties] },
        metadata: { uuid: true },
        filters: withIds(ids),
      });
      for (const result of results) found.set(objectId(result), chunkContent(result));
    }
    missing = ids.length - found.size;
    if (missing > 0) continue;
    const passages = ids.flatMap((id) => {
      const content = found.get(id);
      if (content === undefined) return [];
      const { chunkId: _, uri: __, version: ___, ...passage } = content;
      return [passage];
    });
    return { row, passages };
  }
  throw unavailable(
    `${missing} of the passages that its manifest promises for one document are not there; should it stay so, isthmus verify finds them`,
    settings.grpcUrl,
  );
}

function idsOf(row: DocumentRow, from: number, limit: number): string[] {
  return Array.from({ length: Math.max(0, Math.min(limit, row.chunks - from)) }, (_, at) =>
    chunkObjectId(row.attempt, chunkId(row, from + at)),
  );
}
