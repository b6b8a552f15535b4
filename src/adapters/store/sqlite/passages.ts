import type { DatabaseSync } from "node:sqlite";
import { chunkId } from "../../../core/identity.ts";
import type { DocumentPassage, DocumentPassages, Metadata } from "../../../core/types.ts";
import { createManifestRows } from "./manifest-rows.ts";
import { createStatements, transaction } from "./statements.ts";

/**
 * The port's `passages`, in one read transaction. A chunk's id follows from its place, so a page costs what is on it however long
 * the document is.
 */
export function createPassages(database: DatabaseSync) {
  const prepare = createStatements(database);
  const manifest = createManifestRows(prepare);
  return (uri: string, from: number, limit: number) => transaction(database, "read", () => pageOf(uri, from, limit));

  function pageOf(uri: string, from: number, limit: number): DocumentPassages | undefined {
    const current = manifest.current(uri);
    if (current?.attempt === undefined || current.row.state !== "indexed") return undefined;
    const { row, attempt } = current;
    const ids = Array.from({ length: Math.max(0, Math.min(limit, row.chunks - from)) }, (_, at) =>
      chunkId(row, from + at),
    );
    const found = prepare(
      `SELECT c.ordinal AS ordinal, c.record_id AS record_id, c.title AS title, c.heading AS heading, c.content AS content,
         c.start AS start, c."end" AS "end", c.metadata AS metadata
       FROM json_each(?) w CROSS JOIN chunk c ON c.attempt = ? AND c.chunk_id = w.value ORDER BY c.ordinal`,
    ).all(JSON.stringify(ids), attempt);
    return { row, passages: found.map(passageOf) };
  }
}

function passageOf(row: Record<string, unknown>): DocumentPassage {
  return {
    ordinal: Number(row["ordinal"]),
    ...(typeof row["record_id"] === "string" ? { recordId: row["record_id"] } : {}),
    title: String(row["title"]),
    heading: String(row["heading"]),
    content: String(row["content"]),
    start: Number(row["start"]),
    end: Number(row["end"]),
    metadata: JSON.parse(String(row["metadata"])) as Metadata,
  };
}
