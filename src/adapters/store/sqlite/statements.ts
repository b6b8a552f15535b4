import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Prepares a statement once, by its text. */
export type Statements = (sql: string) => StatementSync;

/** A cache of prepared statements. Only for a bounded set of texts: values go in as parameters. */
export function createStatements(database: DatabaseSync): Statements {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
}

const guards = new WeakMap<DatabaseSync, () => void>();

/** From now on every write transaction of the connection begins with `guard`; when it throws, nothing is written. */
export function guardWrites(database: DatabaseSync, guard: () => void): void {
  guards.set(database, guard);
}

/** Runs `body` in one transaction: all of it happens, or nothing. */
export function transaction<Value>(database: DatabaseSync, kind: "read" | "write", body: () => Value): Value {
  database.exec(kind === "write" ? "BEGIN IMMEDIATE" : "BEGIN");
  try {
    if (kind === "write") guards.get(database)?.();
    const value = body();
    database.exec("COMMIT");
    return value;
  } catch (thrown) {
    // A full disk may have rolled back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw thrown;
  }
}
