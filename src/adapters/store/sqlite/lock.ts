import { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";
import { sqliteCode, storeFailure } from "./failures.ts";

const BUSY = 5;
/** Long enough for another process that only looks up who holds the lock. */
const PATIENCE_MS = 250;

/**
 * Takes the writer's lock: an open write transaction on a small database of its own. The operating system frees it with
 * the process, however that ends. (An immediate transaction shuts out writers and still lets others read who holds it.)
 * @returns a function that gives it back.
 * @throws `store_locked`.
 */
export function acquireLock(file: string): () => void {
  const database = openLock(file);
  try {
    database.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (process INTEGER); DELETE FROM holder");
    database.prepare("INSERT INTO holder (process) VALUES (?)").run(process.pid);
    database.exec("COMMIT; BEGIN IMMEDIATE");
    return () => database.close();
  } catch (thrown) {
    const busy = ((sqliteCode(thrown) ?? 0) & 0xff) === BUSY;
    const error = busy ? locked(file, holder(database)) : storeFailure(thrown, file);
    database.close();
    throw error;
  }
}

function openLock(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: PATIENCE_MS });
  } catch (thrown) {
    throw storeFailure(thrown, file);
  }
}

function holder(database: DatabaseSync): number | undefined {
  try {
    if (database.isTransaction) database.exec("ROLLBACK");
    const found = database.prepare("SELECT process FROM holder").get()?.["process"];
    return typeof found === "number" ? found : undefined;
  } catch {
    // Held by a process that has not written its id yet: then the message goes without.
    return undefined;
  }
}

function locked(file: string, holder: number | undefined): IsthmusError {
  const who =
    holder === undefined ? "Another process" : holder === process.pid ? "This very process" : `Process ${holder}`;
  return new IsthmusError(
    "store_locked",
    `${who} is writing to this index already (lock ${file}). Wait until it is done, or stop it; searching goes on meanwhile.`,
  );
}
