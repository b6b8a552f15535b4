import type { DatabaseSync } from "node:sqlite";
import type { ChunkProblem, Damage, DocumentRow, Stray, Verification } from "../../../core/types.ts";
import { fromBytes } from "../vector-bytes.ts";
import { createChunkRows } from "./chunk-rows.ts";
import { createManifestRows } from "./manifest-rows.ts";
import { createStatements, transaction } from "./statements.ts";

/** By how much the length of a stored vector may differ from 1. */
const unitTolerance = 0.05;
/** What rows of the indexes are told as that belong to no chunk. */
const withoutChunk = "rows without a chunk";
/** Tables that have a row for a chunk, by its id. */
const indexes = ["vector", "code", "keyword_docsize", "staged_terms"] as const;

/** The port `StoreAudit` over one connection, without the promises. */
export interface Audit {
  inspect(rows: readonly DocumentRow[]): Damage[];
  /** @param alone nobody else writes: then what is staged was left by a writer that died. */
  strays(alone: boolean): Stray[];
  forget(rows: readonly DocumentRow[]): void;
  sweep(strays: readonly Stray[]): number;
}

/** Keeps what a verification found. Changes nothing else, and may be done beside a writer. */
export function recordVerification(database: DatabaseSync, verification: Verification): void {
  database.exec("CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  database
    .prepare("INSERT OR REPLACE INTO note (name, value) VALUES ('verification', ?)")
    .run(JSON.stringify(verification));
}

export function createAudit(database: DatabaseSync, dimensions: number): Audit {
  const prepare = createStatements(database);
  const manifest = createManifestRows(prepare);
  const chunkRows = createChunkRows(prepare);
  database.function("is_unit", { deterministic: true }, (bytes) => Number(isUnit(bytes, dimensions)));

  function inspectOne(row: DocumentRow): Damage | undefined {
    const current = manifest.current(row.uri);
    // Written anew meanwhile: the next page, or the next verification, has it.
    if (current === undefined || current.row.attempt !== row.attempt) return undefined;
    const seen = prepare(
      `SELECT count(*) AS chunks, count(DISTINCT c.ordinal) AS places,
         coalesce(sum(c.ordinal NOT BETWEEN 0 AND ?), 0) AS outside,
         coalesce(sum(NOT coalesce(is_unit(v.embedding), 0)), 0) AS vectors,
         coalesce(sum(o.id IS NULL OR k.id IS NULL), 0) AS unindexed
       FROM chunk c LEFT JOIN vector v ON v.id = c.id LEFT JOIN code o ON o.id = c.id
       LEFT JOIN keyword_docsize k ON k.id = c.id WHERE c.attempt = ?`,
    ).get(row.chunks - 1, current.attempt ?? null);
    const number = (name: string): number => Number(seen?.[name]);
    const found = number("places") - number("outside");
    const problems: ChunkProblem[] = [];
    if (found < row.chunks) problems.push("missing");
    if (number("chunks") > found) problems.push("duplicated");
    if (number("vectors") > 0) problems.push("vector");
    if (number("unindexed") > 0) problems.push("unindexed");
    return problems.length === 0 ? undefined : { row, problems, found };
  }

  /** Rows of the indexes that belong to no chunk. */
  function loose(): number {
    const counts = indexes.map((table) =>
      Number(prepare(`SELECT count(*) AS loose FROM ${table} WHERE id NOT IN (SELECT id FROM chunk)`).get()?.["loose"]),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  function dropLoose(): void {
    prepare(
      "DELETE FROM keyword WHERE rowid IN (SELECT id FROM keyword_docsize WHERE id NOT IN (SELECT id FROM chunk))",
    ).run();
    for (const table of ["vector", "code", "staged_terms"]) {
      prepare(`DELETE FROM ${table} WHERE id NOT IN (SELECT id FROM chunk)`).run();
    }
    prepare("DELETE FROM metadata WHERE chunk NOT IN (SELECT id FROM chunk)").run();
  }

  return {
    inspect: (rows) =>
      transaction(database, "read", () =>
        rows.flatMap((row) => {
          const damage = inspectOne(row);
          return damage === undefined ? [] : [damage];
        }),
      ),
    strays: (alone) =>
      transaction(database, "read", () => {
        const rows = prepare(
          `SELECT c.attempt AS attempt, count(*) AS chunks, max(t.id IS NOT NULL) AS staged
           FROM chunk c LEFT JOIN staged_terms t ON t.id = c.id
           WHERE NOT EXISTS (SELECT 1 FROM document d WHERE d.attempt = c.attempt) GROUP BY c.attempt`,
        ).all();
        const strays = rows.map((row): Stray => {
          const inHand = Number(row["staged"]) === 1 && !alone;
          const newestMs = inHand ? Number.MAX_SAFE_INTEGER : 0;
          return { attempt: String(row["attempt"]), uri: "", chunks: Number(row["chunks"]), newestMs };
        });
        const chunks = loose();
        return chunks === 0 ? strays : [...strays, { attempt: withoutChunk, uri: "", chunks, newestMs: 0 }];
      }),
    forget: (rows) =>
      transaction(database, "write", () => {
        for (const row of rows) {
          const current = manifest.current(row.uri);
          if (current === undefined || current.row.attempt !== row.attempt) continue;
          if (current.attempt !== undefined) chunkRows.drop(current.attempt);
          prepare("DELETE FROM document WHERE uri = ?").run(row.uri);
        }
      }),
    sweep: (strays) =>
      transaction(database, "write", () => {
        for (const { attempt } of strays) {
          if (attempt === withoutChunk) dropLoose();
          else chunkRows.drop(Number(attempt));
        }
        return strays.length;
      }),
  };
}

function isUnit(bytes: unknown, dimensions: number): boolean {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== dimensions * 4) return false;
  return Math.abs(Math.hypot(...fromBytes(bytes)) - 1) <= unitTolerance;
}
