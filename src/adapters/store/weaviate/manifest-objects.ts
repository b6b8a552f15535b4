import { create } from "@bufbuild/protobuf";
import { IsthmusError, present } from "../../../core/errors.ts";
import { compareRows } from "../../../core/order.ts";
import type { DocumentRow, FailureRow, HeldDeletion, ManifestEntry, Verification } from "../../../core/types.ts";
import { failureObjectId, formerAttemptId, heldObjectId, rowObjectId, uriKey, verificationObjectId } from "./ids.ts";
import { fieldsOf } from "./properties.ts";
import { type BatchObject, BatchObjectSchema, type SearchResult } from "./rpc/weaviate_pb.ts";

export const manifestProperties = ["uri", "state", "row"] as const;

/** What an object of the manifest says: a commit, a failure, a deletion that is held, or what the last verification found. */
type State = DocumentRow["state"] | FailureRow["state"] | "held" | "verified";

/** Before the key of a held deletion's URI: whoever looks a URI up finds its rows and its failure alone, older programs too. */
export const heldMark = "held";
/** When a tombstone came, in milliseconds since 1970 by the server's clock, where guards are to count it. */
export const removedProperty = "removedMs";

export const verificationUri = "isthmus:verification";

/** @param now by the server's clock. */
export function rowObject(collection: string, row: DocumentRow, now: number): BatchObject {
  const counts = row.state === "deleted" && row.excused !== true;
  const more = counts ? { [removedProperty]: Math.round(now) } : {};
  return manifestObject(collection, rowObjectId(row), row.uri, row.state, row.chunks, row, more);
}

export function heldObject(collection: string, deletion: HeldDeletion): BatchObject {
  const { uri } = deletion;
  const marked = { uriKey: heldMark + uriKey(uri) };
  return manifestObject(collection, heldObjectId(uri), uri, "held", 0, deletion, marked);
}

export function failureObject(collection: string, failure: FailureRow): BatchObject {
  return manifestObject(collection, failureObjectId(failure.uri), failure.uri, failure.state, 0, failure);
}

/** Under a name that is no URI, so that no list of documents has it. */
export function verificationObject(collection: string, verification: Verification): BatchObject {
  return manifestObject(collection, verificationObjectId, verificationUri, "verified", 0, verification);
}

function manifestObject(
  collection: string,
  uuid: string,
  uri: string,
  state: State,
  chunks: number,
  row: DocumentRow | FailureRow | HeldDeletion | Verification,
  more: Readonly<Record<string, string | number>> = {},
): BatchObject {
  const properties = { uri, uriKey: uriKey(uri), state, chunks, row: JSON.stringify(row), ...more };
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
}

export function nothingRecorded(uri: string): Recorded {
  return { entry: { uri }, rows: [], stale: [] };
}

interface Gathered {
  readonly rows: StoredRow[];
  failure?: FailureRow;
}

/**
 * The same with a row that was acknowledged, whether or not it is among what was found: a search asks one replica, which
 * may be the one that missed it.
 */
export function withRow(recorded: Recorded, row: DocumentRow): Recorded {
  const id = rowObjectId(row);
  const rows = recorded.rows.filter((each) => each.id !== id);
  return rank(row.uri, [...rows, { id, row, createdMs: 0 }], recorded.entry.failure);
}

/** Groups the objects of the manifest by URI, in the order asked, and names the current row of each. */
export function recordedOf(uris: readonly string[], results: readonly SearchResult[]): Map<string, Recorded> {
  const gathered = new Map<string, Gathered>(uris.map((uri) => [uri, { rows: [] }]));
  for (const result of results) {
    const fields = fieldsOf(result);
    const of = gathered.get(fields.text("uri"));
    // Found by its key, so it was asked for.
    if (of === undefined)
      throw new IsthmusError("internal", `The manifest answered for ${fields.text("uri")}, unasked.`);
    const state = fields.text("state") as State;
    const json = fields.text("row");
    if (state === "failed" || state === "skipped") of.failure = JSON.parse(json) as FailureRow;
    else if (state === "verified") continue;
    else {
      const { id, creationTimeUnix } = present(result.metadata, "what the manifest says of a row");
      of.rows.push({ id, row: parseRow(json), createdMs: Number(creationTimeUnix) });
    }
  }
  return new Map(Array.from(gathered, ([uri, { rows, failure }]) => [uri, rank(uri, rows, failure)]));
}

function rank(uri: string, rows: readonly StoredRow[], failure: FailureRow | undefined): Recorded {
  const current = [...rows].sort((a, b) => compareRows(a.row, b.row)).at(-1);
  const entry = { uri, ...(current && { current: current.row }), ...(failure && { failure }) };
  return { entry, rows, ...(current && { current }), stale: rows.filter((each) => each !== current) };
}

/** Rows of before attempts had names of their own are known by what they set out to write. */
function parseRow(json: string): DocumentRow {
  const row = JSON.parse(json) as Omit<DocumentRow, "attempt"> & { attempt?: string };
  return { ...row, attempt: row.attempt ?? (row.state === "deleted" ? "" : formerAttemptId(row)) };
}
