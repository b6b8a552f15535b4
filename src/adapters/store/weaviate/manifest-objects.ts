import { create } from "@bufbuild/protobuf";
import { IsthmusError } from "../../../core/errors.ts";
import { compareRows } from "../../../core/order.ts";
import type { DocumentRow, FailureRow, ManifestEntry } from "../../../core/types.ts";
import { failureObjectId, formerAttemptId, rowObjectId, uriKey } from "./ids.ts";
import { fieldsOf } from "./properties.ts";
import { type BatchObject, BatchObjectSchema, type SearchResult } from "./rpc/weaviate_pb.ts";

export const manifestProperties = ["uri", "state", "row"] as const;

/** What an object of the manifest says: a commit, a failure, or that an attempt was given up for dead. */
type State = DocumentRow["state"] | FailureRow["state"] | "revoked";

/** An attempt that was given up for dead: a row of it, should it still come, does not count. */
export interface Revocation {
  readonly uri: string;
  readonly attempt: string;
}

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
  state: State,
  chunks: number,
  row: DocumentRow | FailureRow | Revocation,
): BatchObject {
  const properties = { uri, uriKey: uriKey(uri), state, chunks, row: JSON.stringify(row) };
  return create(BatchObjectSchema, { collection, uuid, properties: { nonRefProperties: properties } });
}

/** A row as it lies in the manifest. */
export interface StoredRow {
  /** Of the object. */
  readonly id: string;
  readonly row: DocumentRow;
  /** When it came, by the server's clock: milliseconds since 1970. */
  readonly createdMs: number;
}

/** Everything the manifest holds of one URI: the entry, and the rows that no longer count. */
export interface Recorded {
  readonly entry: ManifestEntry;
  readonly rows: readonly StoredRow[];
  /** The current row, as the entry has it. */
  readonly current?: StoredRow;
  /** Rows that the current one stands above, and nobody has removed yet. */
  readonly stale: readonly StoredRow[];
  /** Attempts that were given up for dead. */
  readonly revoked: ReadonlySet<string>;
}

export function nothingRecorded(uri: string): Recorded {
  return { entry: { uri }, rows: [], stale: [], revoked: new Set() };
}

interface Gathered {
  readonly rows: StoredRow[];
  readonly revoked: Set<string>;
  failure?: FailureRow;
}

/**
 * The same with a row that was acknowledged, whether or not it is among what was found: a search asks one replica, which
 * may be the one that missed it.
 */
export function withRow(recorded: Recorded, row: DocumentRow): Recorded {
  const id = rowObjectId(row);
  const rows = recorded.rows.filter((each) => each.id !== id);
  return rank(row.uri, [...rows, { id, row, createdMs: 0 }], recorded.revoked, recorded.entry.failure);
}

/** Groups the objects of the manifest by URI, in the order asked, and names the current row of each. */
export function recordedOf(uris: readonly string[], results: readonly SearchResult[]): Map<string, Recorded> {
  const gathered = new Map<string, Gathered>(uris.map((uri) => [uri, { rows: [], revoked: new Set() }]));
  for (const result of results) {
    const fields = fieldsOf(result);
    const of = gathered.get(fields.text("uri"));
    // Found by its key, so it was asked for.
    if (of === undefined)
      throw new IsthmusError("internal", `The manifest answered for ${fields.text("uri")}, unasked.`);
    const state = fields.text("state") as State;
    const json = fields.text("row");
    if (state === "failed" || state === "skipped") of.failure = JSON.parse(json) as FailureRow;
    else if (state === "revoked") of.revoked.add((JSON.parse(json) as Revocation).attempt);
    else {
      const { id = "", creationTimeUnix = 0n } = result.metadata ?? {};
      of.rows.push({ id, row: parseRow(json), createdMs: Number(creationTimeUnix) });
    }
  }
  return new Map(Array.from(gathered, ([uri, { rows, revoked, failure }]) => [uri, rank(uri, rows, revoked, failure)]));
}

function rank(
  uri: string,
  rows: readonly StoredRow[],
  revoked: ReadonlySet<string>,
  failure: FailureRow | undefined,
): Recorded {
  const standing = rows.filter(({ row }) => !revoked.has(row.attempt)).sort((a, b) => compareRows(a.row, b.row));
  const current = standing.at(-1);
  // A revoked row that nothing stands above is for its own writer, or whoever revoked it, to take away.
  const below = ({ row }: StoredRow) => current !== undefined && compareRows(row, current.row) < 0;
  const entry = { uri, ...(current && { current: current.row }), ...(failure && { failure }) };
  return { entry, rows, ...(current && { current }), stale: rows.filter(below), revoked };
}

/** Rows of before attempts had names of their own are known by what they set out to write. */
function parseRow(json: string): DocumentRow {
  const row = JSON.parse(json) as Omit<DocumentRow, "attempt"> & { attempt?: string };
  return { ...row, attempt: row.attempt ?? (row.state === "deleted" ? "" : formerAttemptId(row)) };
}
