import { present } from "../../../core/errors.ts";
import type { StoredChunk } from "../../../core/types.ts";
import { fromBytes, toBytes } from "../vector-bytes.ts";
import { metadataRows } from "./metadata-rows.ts";
import { signBits } from "./sign-bits.ts";
import type { Statements } from "./statements.ts";

const PUBLISHED_AT_ONCE = 1000;

/** The rows of chunks, over all their tables. Every method runs inside the caller's transaction. */
export interface ChunkRows {
  /** Adds chunks that searches do not see yet. */
  stage(attempt: number, chunks: readonly StoredChunk[]): void;
  /** Adds chunks that searches see. */
  publish(attempt: number, chunks: readonly StoredChunk[]): void;
  /** Makes the staged chunks of the attempt seen. */
  publishStaged(attempt: number): void;
  /** Chunks of the attempt, staged or published. */
  count(attempt: number): number;
  /** Drops all chunks of the attempt. */
  drop(attempt: number): void;
  /** Drops the staged chunks of all attempts: leftovers of a writer that died. */
  dropAllStaged(): void;
  vectors(textHashes: readonly string[]): Map<string, Float32Array>;
}

export function createChunkRows(prepare: Statements): ChunkRows {
  /** The id of the new row. An attempt that has the chunk already breaks a unique index. */
  function insert(attempt: number, chunk: StoredChunk): number {
    const row = prepare(
      `INSERT INTO chunk (attempt, chunk_id, ordinal, record_id, title, heading, content, start, "end", metadata, text_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    ).get(
      attempt,
      chunk.id,
      chunk.ordinal,
      chunk.recordId ?? null,
      chunk.title,
      chunk.heading,
      chunk.content,
      chunk.start,
      chunk.end,
      JSON.stringify(chunk.metadata),
      chunk.textHash,
    );
    const id = Number(row?.["id"]);
    prepare("INSERT INTO vector (id, embedding) VALUES (?, ?)").run(id, toBytes(chunk.vector));
    for (const { key, value, axis, at } of metadataRows(chunk.metadata)) {
      prepare("INSERT INTO metadata (key, value, chunk, axis, at) VALUES (?, ?, ?, ?, ?)").run(
        key,
        value,
        id,
        axis,
        at,
      );
    }
    return id;
  }

  function dropSelected(selection: string, parameters: readonly number[]): void {
    for (const row of prepare(`SELECT id, metadata FROM chunk WHERE id IN (${selection})`).iterate(...parameters)) {
      for (const { key, value } of metadataRows(JSON.parse(String(row["metadata"])))) {
        prepare("DELETE FROM metadata WHERE key = ? AND value = ? AND chunk = ?").run(key, value, Number(row["id"]));
      }
    }
    prepare(`DELETE FROM keyword WHERE rowid IN (SELECT id FROM code WHERE id IN (${selection}))`).run(...parameters);
    for (const table of ["code", "vector"])
      prepare(`DELETE FROM ${table} WHERE id IN (${selection})`).run(...parameters);
    // The selection may read either of these, so both go by a list of their own.
    prepare(`CREATE TEMP TABLE IF NOT EXISTS dropped (id INTEGER PRIMARY KEY)`).run();
    prepare(`INSERT INTO dropped ${selection}`).run(...parameters);
    for (const table of ["staged_terms", "chunk"]) {
      prepare(`DELETE FROM ${table} WHERE id IN (SELECT id FROM dropped)`).run();
    }
    prepare("DELETE FROM dropped").run();
  }

  /**
   * The next staged chunks of an attempt. They are published in slices: what `sign_bits` is handed, one vector a row, is
   * freed only when its statement ends, and a file of 200,000 records would hold half a gigabyte of it.
   */
  function stagedAfter(attempt: number, after: number): number[] {
    const rows = prepare(
      `SELECT t.id AS id FROM staged_terms t CROSS JOIN chunk c ON c.id = t.id
       WHERE t.id > ? AND c.attempt = ? ORDER BY t.id LIMIT ${PUBLISHED_AT_ONCE}`,
    ).all(after, attempt);
    return rows.map((row) => Number(row["id"]));
  }

  return {
    stage(attempt, chunks) {
      for (const chunk of chunks) {
        prepare("INSERT INTO staged_terms (id, terms) VALUES (?, ?)").run(insert(attempt, chunk), chunk.terms);
      }
    },
    publish(attempt, chunks) {
      for (const chunk of chunks) {
        const id = insert(attempt, chunk);
        prepare("INSERT INTO code (id, bits) VALUES (?, ?)").run(id, signBits(chunk.vector));
        prepare("INSERT INTO keyword (rowid, terms) VALUES (?, ?)").run(id, chunk.terms);
      }
    },
    publishStaged(attempt) {
      for (
        let ids = stagedAfter(attempt, 0);
        ids.length > 0;
        ids = stagedAfter(attempt, present(ids.at(-1), "the last staged row"))
      ) {
        const list = JSON.stringify(ids);
        const listed = "SELECT value FROM json_each(?)";
        prepare(`INSERT INTO code (id, bits) SELECT id, sign_bits(embedding) FROM vector WHERE id IN (${listed})`).run(
          list,
        );
        prepare(`INSERT INTO keyword (rowid, terms) SELECT id, terms FROM staged_terms WHERE id IN (${listed})`).run(
          list,
        );
      }
      prepare("DELETE FROM staged_terms WHERE id IN (SELECT id FROM chunk WHERE attempt = ?)").run(attempt);
    },
    count: (attempt) =>
      Number(prepare("SELECT count(*) AS chunks FROM chunk WHERE attempt = ?").get(attempt)?.["chunks"]),
    drop: (attempt) => dropSelected("SELECT id FROM chunk WHERE attempt = ?", [attempt]),
    dropAllStaged() {
      dropSelected("SELECT id FROM staged_terms", []);
    },
    vectors(textHashes) {
      const rows = prepare(
        `SELECT c.text_hash AS hash, v.embedding AS embedding FROM json_each(?) wanted
         JOIN chunk c ON c.text_hash = wanted.value JOIN vector v ON v.id = c.id GROUP BY c.text_hash`,
      ).all(JSON.stringify(textHashes));
      return new Map(rows.map((row) => [String(row["hash"]), fromBytes(row["embedding"] as Uint8Array)]));
    },
  };
}
