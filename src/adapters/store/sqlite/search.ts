import type { DatabaseSync } from "node:sqlite";
import { present } from "../../../core/errors.ts";
import { alone, type FusedChunk, fuse, fusionDepth, rank, type ScoredChunk } from "../../../core/fusion.ts";
import { soundHits } from "../../../core/hits.ts";
import type { Hit, SearchQuery } from "../../../core/types.ts";
import { toBytes } from "../vector-bytes.ts";
import { type CodeIndex, createCodeIndex } from "./codes.ts";
import { DamagedIndex } from "./failures.ts";
import { filterSelection, type Selection } from "./filter-sql.ts";
import { allowInterrupts, type Interrupt, interruptible, neverInterrupted } from "./interrupt.ts";
import { signBits } from "./sign-bits.ts";
import { createStatements, type Statements, transaction } from "./statements.ts";

/** Up to this many chunks every vector is compared; above it the binary codes choose candidates first. */
const EXACT_CHUNKS = 5_000;
/** Candidates that are rescored by their float32 vectors; figures in docs/adr/0001. */
const LEAST_CANDIDATES = 600;
const CANDIDATES_PER_HIT = 8;
/** Entries beyond the wanted ones, so that equal scores at the cut are ordered by chunk id and not by row. */
const TIE_MARGIN = 32;

interface Candidate extends ScoredChunk {
  readonly id: number;
}

export interface Search {
  /** Runs a validated search in one read transaction: what it sees is one committed state of the index. */
  run(query: SearchQuery): Hit[];
  /** The port's `termWeights`. */
  termWeights(terms: readonly string[], hits: readonly Pick<Hit, "chunkId" | "uri">[]): number[][];
  /** Does ahead what the first search would have to do: 0.2 s for 100,000 chunks. */
  warm(): void;
}

/** @param interrupt asked again and again; when it throws, the search ends with what it threw. */
export function createSearch(
  database: DatabaseSync,
  dimensions: number,
  interrupt: Interrupt = neverInterrupted,
): Search {
  allowInterrupts(database, interrupt);
  const prepare = createStatements(database);
  const codes = createCodeIndex(prepare, dimensions, interrupt);
  return {
    warm() {
      transaction(database, "read", () => codes.refresh());
    },
    termWeights: (terms, hits) => transaction(database, "read", () => weigh(prepare, terms, hits)),
    run(query) {
      return transaction(database, "read", () => {
        const allowed = query.filter === undefined ? undefined : filterSelection(query.filter);
        const depth = query.mode === "hybrid" ? fusionDepth(query.limit) : query.limit;
        const byVector = query.mode === "keyword" ? [] : vectorCandidates(prepare, codes, query.vector, allowed, depth);
        const byKeyword = query.mode === "vector" ? [] : keywordCandidates(prepare, query.terms, allowed, depth);
        soundHits(byVector, { mode: "vector", limit: depth });
        soundHits(byKeyword, { mode: "keyword", limit: depth });
        const ids = new Map([...byVector, ...byKeyword].map(({ chunkId, id }) => [chunkId, id]));
        const ranked =
          query.mode === "hybrid"
            ? fuse({
                vector: byVector,
                keyword: byKeyword,
                depth,
                ...(query.unfamiliar !== undefined && { unfamiliar: query.unfamiliar }),
              })
            : alone(query.mode, query.mode === "vector" ? byVector : byKeyword);
        return hydrate(prepare, soundHits(ranked.slice(0, query.limit), query), ids);
      });
    },
  };
}

function vectorCandidates(
  prepare: Statements,
  codes: CodeIndex,
  vector: Float32Array | undefined,
  allowed: Selection | undefined,
  depth: number,
): Candidate[] {
  if (vector === undefined) return [];
  const near = nearSelection(prepare, codes, vector, allowed, Math.max(LEAST_CANDIDATES, depth * CANDIDATES_PER_HIT));
  const rows = prepare(
    `WITH near AS MATERIALIZED (${near.sql})
     SELECT v.id AS id, coalesce(vec_distance_cosine(v.embedding, ?), 1) AS distance
     FROM near CROSS JOIN vector v ON v.id = near.id WHERE ${interruptible("v.id")} ORDER BY distance LIMIT ?`,
  ).all(...near.parameters, toBytes(vector), depth + TIE_MARGIN);
  const scored = rows.map((row) => ({ id: Number(row["id"]), score: 1 - Number(row["distance"]) }));
  return named(prepare, scored, depth);
}

/** The chunks to compare exactly: all that are allowed where they are few, else those with the nearest binary codes. */
function nearSelection(
  prepare: Statements,
  codes: CodeIndex,
  vector: Float32Array,
  allowed: Selection | undefined,
  candidates: number,
): { readonly sql: string; readonly parameters: readonly (string | number | Uint8Array)[] } {
  const all = allowed === undefined ? "SELECT id FROM code" : `SELECT id FROM code WHERE id IN (${allowed.sql})`;
  const parameters = allowed?.parameters ?? [];
  const counted = prepare(`SELECT count(*) AS chunks FROM (${all} LIMIT ${EXACT_CHUNKS + 1})`).get(...parameters);
  if (Number(counted?.["chunks"]) <= EXACT_CHUNKS) return { sql: all, parameters };
  if (allowed === undefined) {
    const ids = codes.nearest(vector, candidates);
    return { sql: "SELECT value AS id FROM json_each(?)", parameters: [JSON.stringify(ids)] };
  }
  const sql = `${all} AND ${interruptible("id")} ORDER BY vec_distance_hamming(vec_bit(bits), vec_bit(?)) LIMIT ?`;
  return { sql, parameters: [...parameters, signBits(vector), candidates] };
}

function keywordCandidates(
  prepare: Statements,
  terms: readonly string[] | undefined,
  allowed: Selection | undefined,
  depth: number,
): Candidate[] {
  const expression = matchExpression(present(terms, "the terms of a search"));
  if (expression === "") return [];
  // The unary plus keeps SQLite from running the match once for every allowed row.
  const within = allowed === undefined ? "" : `AND +rowid IN (${allowed.sql})`;
  const rows = prepare(
    `SELECT rowid AS id, bm25(keyword) AS rank FROM keyword WHERE keyword MATCH ? AND ${interruptible("rowid")} ${within} ORDER BY rank LIMIT ?`,
  ).all(expression, ...(allowed?.parameters ?? []), depth + TIE_MARGIN);
  // FTS5 gives the better match the lesser number.
  return named(
    prepare,
    rows.map((row) => ({ id: Number(row["id"]), score: -Number(row["rank"]) })),
    depth,
  );
}

/** FTS5's score of several terms is the sum of its scores of each, so each is asked for by itself. */
function weigh(
  prepare: Statements,
  terms: readonly string[],
  hits: readonly Pick<Hit, "chunkId" | "uri">[],
): number[][] {
  const place = prepare(
    "SELECT c.id AS id FROM document d JOIN chunk c ON c.attempt = d.attempt WHERE d.uri = ? AND c.chunk_id = ?",
  );
  // A hit of a version that was replaced since has no row any more.
  const rows = hits.map(({ uri, chunkId }) => Number(place.get(uri, chunkId)?.["id"] ?? -1));
  const weights = rows.map(() => terms.map(() => 0));
  terms.forEach((term, at) => {
    const expression = matchExpression([term]);
    if (expression === "") return;
    const found = prepare(
      `SELECT rowid AS id, bm25(keyword) AS rank FROM keyword WHERE keyword MATCH ? AND ${interruptible("rowid")} AND +rowid IN (SELECT value FROM json_each(?))`,
    ).all(expression, JSON.stringify(rows));
    const scores = new Map(found.map((row) => [Number(row["id"]), -Number(row["rank"])]));
    rows.forEach((id, hit) => {
      const own = present(weights[hit], `the weights of hit ${hit}`);
      own[at] = scores.get(id) ?? 0;
    });
  });
  return weights;
}

/** Any of the terms, each quoted so that no operator of FTS5's query language is left in it. */
export function matchExpression(terms: readonly string[]): string {
  const searched = terms.map((term) => term.replaceAll("\0", "")).filter((term) => term !== "");
  return Array.from(searched, (term) => `"${term.replaceAll('"', '""')}"`).join(" OR ");
}

/** Gives the rows their chunk ids, and keeps the best `depth`. */
function named(
  prepare: Statements,
  scored: readonly { readonly id: number; readonly score: number }[],
  depth: number,
): Candidate[] {
  const rows = prepare(
    "SELECT c.id AS id, c.chunk_id AS name FROM json_each(?) w CROSS JOIN chunk c ON c.id = w.value",
  ).all(JSON.stringify(scored.map(({ id }) => id)));
  const names = new Map(rows.map((row) => [Number(row["id"]), String(row["name"])]));
  const nameOf = (id: number): string => {
    const name = names.get(id);
    if (name === undefined) throw new DamagedIndex("a chunk that a search finds is not there");
    return name;
  };
  return rank(scored.map(({ id, score }) => ({ id, score, chunkId: nameOf(id) }))).slice(0, depth);
}

function hydrate(prepare: Statements, ranked: readonly FusedChunk[], ids: ReadonlyMap<string, number>): Hit[] {
  const fetch = prepare(
    `SELECT d.uri AS uri, d.version AS version, c.ordinal AS ordinal, c.record_id AS record_id, c.title AS title, c.heading AS heading,
       c.content AS content, c.start AS start, c."end" AS "end", c.metadata AS metadata
     FROM chunk c JOIN document d ON d.attempt = c.attempt WHERE c.id = ?`,
  );
  return ranked.map(({ chunkId, score, rankings }) => {
    const row = fetch.get(present(ids.get(chunkId), `the row of chunk ${chunkId}`));
    if (row === undefined) throw new DamagedIndex("a chunk that a search finds belongs to no document");
    return {
      chunkId,
      uri: String(row["uri"]),
      version: String(row["version"]),
      ordinal: Number(row["ordinal"]),
      ...(typeof row["record_id"] === "string" ? { recordId: row["record_id"] } : {}),
      title: String(row["title"]),
      heading: String(row["heading"]),
      content: String(row["content"]),
      start: Number(row["start"]),
      end: Number(row["end"]),
      metadata: JSON.parse(String(row["metadata"])) as Hit["metadata"],
      score,
      rankings,
    };
  });
}
