import { DatabaseSync } from "node:sqlite";
import type { ModelIdentity } from "../../../core/types.ts";
import { attempt, commitOf } from "../contract/harness.ts";
import { toBytes } from "../vector-bytes.ts";
import { APPLICATION_ID } from "./schema.ts";
import { signBits } from "./sign-bits.ts";

/** For tests: an index as the first version of the schema had it, written as its writer wrote. */
export function createVersion1(file: string, identity: ModelIdentity) {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;
    CREATE TABLE identity (model TEXT NOT NULL, dimensions INTEGER NOT NULL, revision TEXT NOT NULL);
    CREATE TABLE document (
      uri TEXT PRIMARY KEY, state TEXT NOT NULL, version TEXT NOT NULL, chunks INTEGER NOT NULL,
      attempt INTEGER, row TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX document_attempt ON document (attempt) WHERE attempt IS NOT NULL;
    CREATE TABLE failure (uri TEXT PRIMARY KEY, state TEXT NOT NULL, row TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE chunk (
      id INTEGER PRIMARY KEY, attempt INTEGER NOT NULL, chunk_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
      record_id TEXT, title TEXT NOT NULL, heading TEXT NOT NULL, content TEXT NOT NULL,
      start INTEGER NOT NULL, "end" INTEGER NOT NULL, metadata TEXT NOT NULL, text_hash TEXT NOT NULL
    );
    CREATE UNIQUE INDEX chunk_attempt ON chunk (attempt, chunk_id);
    CREATE INDEX chunk_text_hash ON chunk (text_hash);
    CREATE TABLE vector (id INTEGER PRIMARY KEY, embedding BLOB NOT NULL);
    CREATE TABLE code (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER NOT NULL UNIQUE, bits BLOB NOT NULL);
    CREATE VIRTUAL TABLE keyword USING fts5(terms, content='', contentless_delete=1, tokenize="ascii");
    CREATE TABLE metadata (
      key TEXT NOT NULL, value TEXT NOT NULL, chunk INTEGER NOT NULL, axis TEXT, at REAL,
      PRIMARY KEY (key, value, chunk)
    ) WITHOUT ROWID;
    CREATE INDEX metadata_range ON metadata (key, axis, at) WHERE axis IS NOT NULL;
    CREATE TABLE staged_terms (id INTEGER PRIMARY KEY, terms TEXT NOT NULL);
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = 1;
  `);
  database
    .prepare("INSERT INTO identity (model, dimensions, revision) VALUES (?, ?, ?)")
    .run(identity.model, identity.dimensions, identity.revision);
  const chunkRow = database.prepare(
    `INSERT INTO chunk (attempt, chunk_id, ordinal, title, heading, content, start, "end", metadata, text_hash)
     VALUES (?, ?, 0, 't', '', ?, 0, 1, '{"lang":"en"}', ?) RETURNING id`,
  );
  const vectorRow = database.prepare("INSERT INTO vector (id, embedding) VALUES (?, ?)");
  const codeRow = database.prepare("INSERT INTO code (id, bits) VALUES (?, ?)");
  const keywordRow = database.prepare("INSERT INTO keyword (rowid, terms) VALUES (?, ?)");
  const metadataRow = database.prepare("INSERT INTO metadata (key, value, chunk) VALUES ('lang', 'en', ?)");
  const documentRow = database.prepare(
    "INSERT OR REPLACE INTO document (uri, state, version, chunks, attempt, row) VALUES (?, 'indexed', 'v1', ?, ?, ?)",
  );
  return {
    database,
    /** Adds chunks to an attempt that need not have a document. */
    addChunks(
      number: number,
      names: readonly string[],
      vectorFor: (name: string) => Float32Array,
      terms = "common",
    ): void {
      for (const name of names) {
        const id = Number(chunkRow.get(number, name, `content ${name}`, name)?.["id"]);
        vectorRow.run(id, toBytes(vectorFor(name)));
        codeRow.run(id, signBits(vectorFor(name)));
        keywordRow.run(id, terms);
        metadataRow.run(id);
      }
    },
    commit(uri: string, number: number, chunks: number): void {
      documentRow.run(uri, chunks, number, JSON.stringify(commitOf(attempt(uri), chunks)));
    },
    dropChunks(number: number): void {
      const of = "(SELECT id FROM chunk WHERE attempt = ?)";
      database.prepare(`DELETE FROM keyword WHERE rowid IN ${of}`).run(number);
      database.prepare(`DELETE FROM metadata WHERE chunk IN ${of}`).run(number);
      for (const table of ["code", "vector"]) database.prepare(`DELETE FROM ${table} WHERE id IN ${of}`).run(number);
      database.prepare("DELETE FROM chunk WHERE attempt = ?").run(number);
    },
  };
}
