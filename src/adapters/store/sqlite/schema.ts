import type { DatabaseSync } from "node:sqlite";

/** Raised with every change of the tables below; kept in the file as `user_version`. Readers read all versions up to it. */
export const SCHEMA_VERSION = 3;
/** "ISTH", kept in the file's header: tells our file from any other SQLite database. */
export const APPLICATION_ID = 0x49535448;

const CHUNK_ID = "id INTEGER PRIMARY KEY AUTOINCREMENT";
const HOLDER = "CREATE TABLE holder (token TEXT NOT NULL);";
const HELD = "CREATE TABLE held (uri TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;";
const REMOVED = "CREATE INDEX document_removed ON document (removed) WHERE removed IS NOT NULL;";

/**
 * `chunk` and `vector` hold the rows of every attempt, committed or not. `code`, `keyword` and `metadata` are what
 * searches run over: `code` and `keyword` have a row exactly for the chunks of committed, current attempts, and
 * `staged_terms` exactly for the others. A `sequence` of `code` and an `id` of `chunk` are never used twice, so readers can
 * ask for what is new, and what they remember never comes to mean another chunk. `holder` names the one writer that may
 * write (see fence.ts). `removed` is when a tombstone came, in milliseconds since 1970, where guards are to count it; `held`
 * has the deletions that they refused.
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
      attempt INTEGER, row TEXT NOT NULL, removed INTEGER
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX document_attempt ON document (attempt) WHERE attempt IS NOT NULL;
    CREATE TABLE failure (uri TEXT PRIMARY KEY, state TEXT NOT NULL, row TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE chunk (
      ${CHUNK_ID}, attempt INTEGER NOT NULL, chunk_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
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
    ${HOLDER}
    ${HELD}
    ${REMOVED}
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
  `);
}

/**
 * Brings the tables of an older version up to date, keeping all that is good in them. Runs inside the caller's write transaction,
 * on a connection whose defensive mode is off.
 */
export function migrate(database: DatabaseSync, version: number): void {
  if (version < 2) {
    database.exec(HOLDER);
    neverUseChunkIdsAgain(database);
    forgetMixedDocuments(database);
  }
  if (version < 3) database.exec(`ALTER TABLE document ADD COLUMN removed INTEGER; ${HELD} ${REMOVED}`);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/**
 * `AUTOINCREMENT` changes how ids are given and nothing of how rows lie in the file, so the table's definition is changed
 * where it stands: copying the table would need its size again on the disk, and in the log.
 * https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes
 */
function neverUseChunkIdsAgain(database: DatabaseSync): void {
  const schemaVersion = Number(database.prepare("PRAGMA schema_version").get()?.["schema_version"]);
  database.exec("PRAGMA writable_schema = ON");
  database
    .prepare(
      `UPDATE sqlite_schema SET sql = replace(sql, 'id INTEGER PRIMARY KEY,', '${CHUNK_ID},')
       WHERE type = 'table' AND name = 'chunk'`,
    )
    .run();
  database.exec(`PRAGMA schema_version = ${schemaVersion + 1}; PRAGMA writable_schema = RESET`);
  database.exec("INSERT INTO sqlite_sequence (name, seq) SELECT 'chunk', coalesce(max(id), 0) FROM chunk");
}

/**
 * Two writers of version 1 could come to number their attempts alike, and the later commit then took the chunks of another
 * document for its own. Such documents are forgotten whole: the next run reads them again.
 */
function forgetMixedDocuments(database: DatabaseSync): void {
  database.exec(`
    CREATE TEMP TABLE mixed AS
      SELECT attempt FROM document WHERE attempt IS NOT NULL AND chunks <>
        (SELECT count(*) FROM chunk c JOIN code o ON o.id = c.id WHERE c.attempt = document.attempt)
      UNION SELECT c.attempt FROM chunk c JOIN code o ON o.id = c.id
        WHERE c.attempt NOT IN (SELECT attempt FROM document WHERE attempt IS NOT NULL);
    CREATE TEMP TABLE lost AS SELECT id FROM chunk WHERE attempt IN (SELECT attempt FROM mixed);
    DELETE FROM document WHERE attempt IN (SELECT attempt FROM mixed);
    DELETE FROM keyword WHERE rowid IN (SELECT l.id FROM lost l JOIN code o ON o.id = l.id);
    DELETE FROM metadata WHERE EXISTS (SELECT 1 FROM lost) AND chunk IN (SELECT id FROM lost);
    ${["code", "vector", "staged_terms", "chunk"].map((table) => `DELETE FROM ${table} WHERE id IN (SELECT id FROM lost);`).join("\n    ")}
    DROP TABLE lost;
    DROP TABLE mixed;
  `);
}
