import { create } from "@bufbuild/protobuf";
import { supersedes } from "../../../core/order.ts";
import type { DocumentRow, FailureRow, ManifestEntry } from "../../../core/types.ts";
import { failureObjectId, rowObjectId, uriKey } from "./ids.ts";
import { fieldsOf } from "./properties.ts";
import { type BatchObject, BatchObjectSchema, type SearchResult } from "./rpc/weaviate_pb.ts";

export const manifestProperties = ["uri", "state", "row"] as const;

export function rowObject(collection: string, row: DocumentRow): BatchObject {
  return manifestObject(collection, rowObjectId(row), row.uri, row.state, row.chunks, row);
}

export function failureObject(collection: string, failure: FailureRow): BatchObject {
  return manifestObject(collection, failureObjectId(failure.uri), failure.uri, failure.state, 0, failure);
}

function manifestObject(
  collection: string,
  uuid: string,
  uri: string,
  state: DocumentRow["state"] | FailureRow["state"],
  chunks: number,
  row: DocumentRow | FailureRow,
): BatchObject {
  const properties = { uri, uriKey: uriKey(uri), state, chunks, row: JSON.stringify(row) };
  return create(BatchObjectSchema, { collection, uuid, properties: { nonRefProperties: properties } });
}

/** Everything the manifest holds of one URI: the entry, and the rows that no longer count. */
export interface Recorded {
  readonly entry: ManifestEntry;
  /** Ids of rows that the current one has superseded, and nobody has removed yet. */
  readonly stale: readonly string[];
  /** When the current row came, by the server's clock: milliseconds since 1970, 0 without one. */
  readonly committedMs: number;
}

interface StoredRow {
  readonly id: string;
  readonly row: DocumentRow;
  readonly createdMs: number;
}

/** Groups rows by URI. Among them the greatest order is current, a tombstone winning ties, then the later commit. */
export function recordedOf(uris: readonly string[], results: readonly SearchResult[]): Map<string, Recorded> {
  const rows = new Map<string, StoredRow[]>();
  const failures = new Map<string, FailureRow>();
  for (const result of results) {
    const fields = fieldsOf(result);
    const uri = fields.text("uri");
    const state = fields.text("state");
    if (state === "failed" || state === "skipped") {
      failures.set(uri, JSON.parse(fields.text("row")) as FailureRow);
    } else {
      const row = JSON.parse(fields.text("row")) as DocumentRow;
      const { id = "", creationTimeUnix = 0n } = result.metadata ?? {};
      rows.set(uri, [...(rows.get(uri) ?? []), { id, row, createdMs: Number(creationTimeUnix) }]);
    }
  }
  return new Map(
    uris.map((uri) => {
      const known = (rows.get(uri) ?? []).sort(byCommit);
      const current = known.reduce<StoredRow | undefined>(
        (best, candidate) => (supersedes(candidate.row, best?.row) ? candidate : best),
        undefined,
      );
      const failure = failures.get(uri);
      const entry = { uri, ...(current && { current: current.row }), ...(failure && { failure }) };
      const stale = known.filter(({ id }) => id !== current?.id).map(({ id }) => id);
      return [uri, { entry, stale, committedMs: current?.createdMs ?? 0 }];
    }),
  );
}

/** Earlier commits first, so that of two rows of the same order the later one wins, the same for every reader. */
function byCommit(a: StoredRow, b: StoredRow): number {
  if (a.row.committedAt !== b.row.committedAt) return a.row.committedAt < b.row.committedAt ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
