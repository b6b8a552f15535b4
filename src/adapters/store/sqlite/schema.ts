import type { DatabaseSync } from "node:sqlite";

/** Raised with every change of the tables below; kept in the file as `user_version`. */
export const SCHEMA_VERSION = 1;
/** "ISTH", kept in the file's header: tells our file from any other SQLite database. */
export const APPLICATION_ID = 0x49535448;

/**
 * `chunk` and `vector` hold the rows of every attempt, committed or not. `code`, `keyword` and `metadata` are what
 * searches run over: `code` and `keyword` have a row exactly for the chunks of committed, current attempts, and
 * `staged_terms` exactly for the others. A `sequence` of `code` is never used twice, so readers can ask for what is new.
 *
 * The terms come analysed, so the tokenizer must only split at spaces: `ascii` keeps everything above ASCII as it is,
 * and all printable ASCII is declared to be part of a token.
 */
export function createSchema(database: DatabaseSync): void {
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
    .filter((character) => !/[a-z0-9]/i.test(character))
    .join("");
  const tokenizer = `ascii tokenchars '${printable.replaceAll("'", "''")}'`.replaceAll('"', '""');
  database.exec(`
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
    CREATE VIRTUAL TABLE keyword USING fts5(terms, content='', contentless_delete=1, tokenize="${tokenizer}");
    CREATE TABLE metadata (
      key TEXT NOT NULL, value TEXT NOT NULL, chunk INTEGER NOT NULL, axis TEXT, at REAL,
      PRIMARY KEY (key, value, chunk)
    ) WITHOUT ROWID;
    CREATE INDEX metadata_range ON metadata (key, axis, at) WHERE axis IS NOT NULL;
    CREATE TABLE staged_terms (id INTEGER PRIMARY KEY, terms TEXT NOT NULL);
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
  `);
}
