import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";
import { guardWrites, transaction } from "./statements.ts";

/**
 * Makes this connection the one that may write, and every earlier one unable to: its next write transaction is refused.
 *
 * The writer's lock (lock.ts) keeps a second writer out, but POSIX drops it from a process that closes any descriptor of
 * the lock's file, which a backup tool or a plug-in in the process may do. So each writer leaves a token of its own in the
 * index, and looks inside each write transaction whether it is still there: of two writers the later one writes on, and
 * the earlier one learns it before it changes anything.
 *
 * @throws (later, from write transactions) `store_locked`
 */
export function takeHold(database: DatabaseSync, file: string): void {
  const token = randomUUID();
  transaction(database, "write", () => {
    database.exec("DELETE FROM holder");
    database.prepare("INSERT INTO holder (token) VALUES (?)").run(token);
  });
  const holder = database.prepare("SELECT token FROM holder");
  guardWrites(database, () => {
    if (holder.get()?.["token"] === token) return;
    const text = `Another process has begun to write to the index ${file}, although this one had not ended. What this one committed is kept, and it writes no more: let one of them write at a time, and run isthmus ingest again.`;
    throw new IsthmusError("store_locked", text);
  });
}
