import type { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";
import type { ModelIdentity } from "../../../core/types.ts";
import { corrupt } from "./failures.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";

const TABLES = ["identity", "document", "failure", "chunk", "vector", "code", "metadata", "keyword_data"];

/**
 * Checks that the file is an index this program can use with this model, touching every table once.
 * @returns `empty` for a file without a schema (a writer that died while creating it), `older` where a writer has to bring
 *   the tables up to date before it writes; reading works as it is.
 * @throws `store_newer`, `store_mismatch`, `store_corrupt`.
 */
export function verify(database: DatabaseSync, file: string, identity: ModelIdentity): "ready" | "older" | "empty" {
  const version = schemaVersion(database);
  const tables = Number(database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"]);
  if (version === 0 && tables === 0) return "empty";
  if (pragma(database, "application_id") !== APPLICATION_ID)
    throw corrupt(file, "it is a database of some other program");
  if (version > SCHEMA_VERSION) {
    const text = `The index ${file} was written by a newer Isthmus (schema ${version}; this one knows ${SCHEMA_VERSION}). Upgrade Isthmus, or name another folder in ISTHMUS_DATA_DIR.`;
    throw new IsthmusError("store_newer", text);
  }
  for (const table of TABLES) database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get();
  const found = database.prepare("SELECT model, dimensions, revision FROM identity").get();
  if (found === undefined) throw corrupt(file, "it does not say which model it holds");
  compare(
    file,
    { model: String(found["model"]), dimensions: Number(found["dimensions"]), revision: String(found["revision"]) },
    identity,
  );
  return version < SCHEMA_VERSION ? "older" : "ready";
}

/** The version of the tables in the file. */
export function schemaVersion(database: DatabaseSync): number {
  return pragma(database, "user_version");
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function compare(file: string, held: ModelIdentity, wanted: ModelIdentity): void {
  if (held.model === wanted.model && held.dimensions === wanted.dimensions && held.revision === wanted.revision) return;
  const text = `The index ${file} holds vectors of ${describe(held)}, and ${describe(wanted)} is in use. Vectors of two models cannot be compared: go back to the first model, or name another folder in ISTHMUS_DATA_DIR and run isthmus ingest.`;
  throw new IsthmusError("store_mismatch", text);
}

function describe(identity: ModelIdentity): string {
  return `${identity.model} (${identity.dimensions} dimensions, revision ${identity.revision})`;
}
