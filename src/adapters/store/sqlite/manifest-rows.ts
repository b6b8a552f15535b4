import { afterPrefix } from "../../../core/filter.ts";
import type { DocumentRow, FailureRow, HeldDeletion, ManifestEntry, Verification } from "../../../core/types.ts";
import type { Statements } from "./statements.ts";

/** The read half of the manifest over one connection; the port's methods without the promises. */
export interface ManifestRows {
  /** The current row of a URI, with the number of its attempt in the tables. */
  current(uri: string): { readonly row: DocumentRow; readonly attempt: number | undefined } | undefined;
  entries(uris: readonly string[]): ManifestEntry[];
  page(prefix: string, after: string | undefined, limit: number): ManifestEntry[];
  count(prefix: string): { documents: number; chunks: number; failed: number; skipped: number };
  /** What the last verification found. */
  verified(): Verification | undefined;
  /** A page of deletions that were refused and stand, ascending by URI, after `after`. */
  heldPage(prefix: string, after: string | undefined, limit: number): HeldDeletion[];
}

export function createManifestRows(prepare: Statements): ManifestRows {
  function entries(uris: readonly string[]): ManifestEntry[] {
    const rows = prepare(
      `SELECT d.row AS current, f.row AS failure FROM json_each(?) wanted
       LEFT JOIN document d ON d.uri = wanted.value LEFT JOIN failure f ON f.uri = wanted.value ORDER BY wanted.key`,
    ).all(JSON.stringify(uris));
    return uris.map((uri, index) => {
      const row = rows[index];
      return {
        uri,
        ...(typeof row?.["current"] === "string" ? { current: rowOf(row["current"]) } : {}),
        ...(typeof row?.["failure"] === "string" ? { failure: JSON.parse(row["failure"]) as FailureRow } : {}),
      };
    });
  }

  const hasTable = (name: string): boolean =>
    prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;

  return {
    heldPage(prefix, after, limit) {
      // A reader has what an older program wrote as it is.
      if (!hasTable("held")) return [];
      const { where, bounds } = uriRange(prefix);
      const later = after === undefined ? "" : " AND uri > ?";
      const rows = prepare(
        `SELECT h.row AS row FROM (SELECT uri, row FROM held WHERE ${where}${later}) h JOIN document d ON d.uri = h.uri
         WHERE d.state = 'indexed' AND json_extract(d.row, '$.order.generation') = json_extract(h.row, '$.order.generation')
           AND json_extract(d.row, '$.order.reindex') = json_extract(h.row, '$.order.reindex') ORDER BY h.uri LIMIT ?`,
      ).all(...bounds, ...(after === undefined ? [] : [after]), limit);
      return rows.map((row) => JSON.parse(String(row["row"])) as HeldDeletion);
    },
    verified() {
      // The table comes with the first verification.
      if (!hasTable("note")) return undefined;
      const found = prepare("SELECT value FROM note WHERE name = 'verification'").get();
      return found === undefined ? undefined : (JSON.parse(String(found["value"])) as Verification);
    },
    current(uri) {
      const found = prepare("SELECT row, attempt FROM document WHERE uri = ?").get(uri);
      if (found === undefined) return undefined;
      const attempt = found["attempt"];
      return { row: rowOf(String(found["row"])), attempt: typeof attempt === "number" ? attempt : undefined };
    },
    entries,
    page(prefix, after, limit) {
      const { where, bounds } = uriRange(prefix);
      const later = after === undefined ? "" : " AND uri > ?";
      const parameters = after === undefined ? bounds : [...bounds, after];
      // Texts compare by their UTF-8 bytes, which is the order of code points.
      const rows = prepare(
        `SELECT uri FROM document WHERE state = 'indexed' AND ${where}${later}
         UNION SELECT uri FROM failure WHERE ${where}${later} ORDER BY uri LIMIT ?`,
      ).all(...parameters, ...parameters, limit);
      return entries(rows.map((row) => String(row["uri"])));
    },
    count(prefix) {
      const { where, bounds } = uriRange(prefix);
      const indexed = prepare(
        `SELECT count(*) AS documents, coalesce(sum(chunks), 0) AS chunks FROM document WHERE state = 'indexed' AND ${where}`,
      ).get(...bounds);
      const failures = prepare(
        `SELECT coalesce(sum(state = 'failed'), 0) AS failed, coalesce(sum(state = 'skipped'), 0) AS skipped
         FROM failure WHERE ${where}`,
      ).get(...bounds);
      return {
        documents: Number(indexed?.["documents"]),
        chunks: Number(indexed?.["chunks"]),
        failed: Number(failures?.["failed"]),
        skipped: Number(failures?.["skipped"]),
      };
    },
  };
}

/** Rows of before attempts had names of their own have none. */
function rowOf(json: string): DocumentRow {
  return { attempt: "", ...(JSON.parse(json) as Omit<DocumentRow, "attempt"> & { attempt?: string }) };
}

/** The condition "starts with the prefix" as a range of `uri`, which the primary key answers and no wildcard can spoil. */
export function uriRange(prefix: string): { readonly where: string; readonly bounds: readonly string[] } {
  const end = afterPrefix(prefix);
  return end === undefined
    ? { where: "uri >= ?", bounds: [prefix] }
    : { where: "uri >= ? AND uri < ?", bounds: [prefix, end] };
}
