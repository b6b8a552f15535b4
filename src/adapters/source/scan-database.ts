import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** Raised when the table or the meaning of a stamp changes: an older file is then begun anew. */
const format = 1;

/** Files are met in the order of the folder, not of the table: pages that do not fit are read again and again. */
const cacheKibibytes = 16 * 1024;

/** The open database of the scan cache, with its statements prepared. Every call may throw as SQLite does. */
export interface ScanDatabase {
  /** The row of the path, if it has this stamp. */
  find(path: string, stamp: string): { readonly row: number; readonly hash: string } | undefined;
  /** One transaction; gives the rows' numbers. */
  write(entries: readonly { readonly path: string; readonly stamp: string; readonly hash: string }[]): number[];
  count(from: string, to: string): number;
  /** Up to `limit` rows with `from < path < to`, ascending. */
  page(from: string, to: string, limit: number): { readonly row: number; readonly path: string }[];
  remove(rows: readonly number[]): void;
  close(): void;
}

/** Opens or makes the file; one of another format is emptied. */
export function openScanDatabase(file: string): ScanDatabase {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 1000 });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${cacheKibibytes};`);
    if (database.prepare("PRAGMA user_version").get()?.["user_version"] !== format) {
      database.exec(
        `BEGIN IMMEDIATE;
         DROP TABLE IF EXISTS file;
         CREATE TABLE file (row INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
         PRAGMA user_version = ${format};
         COMMIT;`,
      );
    }
    return withStatements(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Removes the database with what SQLite keeps beside it. */
export function removeScanDatabase(file: string): void {
  for (const path of scanDatabaseFiles(file)) rmSync(path, { force: true });
}

export function scanDatabaseFiles(file: string): string[] {
  return ["", "-wal", "-shm", "-journal"].map((suffix) => file + suffix);
}

function withStatements(database: DatabaseSync): ScanDatabase {
  const find = database.prepare("SELECT row, hash FROM file WHERE path = ? AND stamp = ?");
  const write = database.prepare(
    `INSERT INTO file (path, stamp, hash) VALUES (?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET stamp = excluded.stamp, hash = excluded.hash RETURNING row`,
  );
  const count = database.prepare("SELECT count(*) AS rows FROM file WHERE path > ? AND path < ?");
  const page = database.prepare("SELECT row, path FROM file WHERE path > ? AND path < ? ORDER BY path LIMIT ?");
  const remove = database.prepare("DELETE FROM file WHERE row = ?");
  const inTransaction = <Result>(work: () => Result): Result => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    find: (path, stamp) => {
      const found = find.get(path, stamp);
      return found === undefined ? undefined : { row: Number(found["row"]), hash: String(found["hash"]) };
    },
    write: (entries) =>
      inTransaction(() => entries.map((entry) => numberFrom(write, "row", entry.path, entry.stamp, entry.hash))),
    count: (from, to) => numberFrom(count, "rows", from, to),
    page: (from, to, limit) =>
      page.all(from, to, limit).map((found) => ({ row: Number(found["row"]), path: String(found["path"]) })),
    remove: (rows) =>
      inTransaction(() => {
        for (const row of rows) remove.run(row);
      }),
    close: () => database.close(),
  };
}

function numberFrom(statement: StatementSync, column: string, ...values: SQLInputValue[]): number {
  return Number(statement.get(...values)?.[column]);
}
