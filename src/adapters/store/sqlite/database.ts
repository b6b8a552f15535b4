import { existsSync, statSync } from "node:fs";
import { DatabaseSync, type DatabaseSyncOptions } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { getLoadablePath } from "sqlite-vec";
import type { ModelIdentity } from "../../../core/types.ts";
import { fromBytes } from "../vector-bytes.ts";
import { missing, sqliteCode, storeFailure } from "./failures.ts";
import { takeHold } from "./fence.ts";
import { schemaVersion, verify } from "./identity.ts";
import { createSchema, migrate } from "./schema.ts";
import { signBits } from "./sign-bits.ts";
import { transaction } from "./statements.ts";

/** Holds five float32 vectors of 384 dimensions a page, where 4 KiB hold two. */
const PAGE_BYTES = 8_192;
const BUSY_MS = 5_000;

/**
 * Opens the index for writing, creates it where there is none and brings an older one up to date. The caller holds the
 * writer's lock; from here on no earlier writer can write.
 */
export function openForWriting(file: string, identity: ModelIdentity): DatabaseSync {
  return guarded(file, () => {
    const database = open(file, {});
    try {
      // Verified before anything is changed: the file may be somebody else's.
      const found = verify(database, file, identity);
      database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`);
      if (found === "empty") create(database, identity);
      if (found === "older") bringUpToDate(database);
      takeHold(database, file);
      return database;
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  });
}

/**
 * Opens the index for reading; creates nothing.
 * @throws `store_missing` where nothing was written yet.
 */
export function openForReading(file: string, identity: ModelIdentity, cacheBytes: number): DatabaseSync {
  if (!existsSync(file)) throw missing(file);
  return guarded(file, () => {
    try {
      return openVerified(file, file, identity, cacheBytes);
    } catch (thrown) {
      if (!needsImmutable(thrown, file)) throw thrown;
      const url = pathToFileURL(file);
      url.search = "?immutable=1";
      return openVerified(url, file, identity, cacheBytes);
    }
  });
}

function openVerified(location: string | URL, file: string, identity: ModelIdentity, cacheBytes: number): DatabaseSync {
  const database = open(location, { readOnly: true });
  try {
    database.exec(`PRAGMA cache_size = ${-Math.ceil(cacheBytes / 1024)}`);
    if (verify(database, file, identity) === "empty") throw missing(file);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

function open(location: string | URL, settings: DatabaseSyncOptions): DatabaseSync {
  const database = new DatabaseSync(location, { ...settings, allowExtension: true, timeout: BUSY_MS });
  database.loadExtension(getLoadablePath());
  database.enableLoadExtension(false);
  database.function("sign_bits", { deterministic: true }, (bytes) => signBits(fromBytes(bytes as Uint8Array)));
  return database;
}

function create(database: DatabaseSync, identity: ModelIdentity): void {
  transaction(database, "write", () => {
    createSchema(database);
    const insert = database.prepare("INSERT INTO identity (model, dimensions, revision) VALUES (?, ?, ?)");
    insert.run(identity.model, identity.dimensions, identity.revision);
  });
}

function bringUpToDate(database: DatabaseSync): void {
  // Defensive mode forbids changes of the schema's own table.
  database.enableDefensive(false);
  try {
    transaction(database, "write", () => migrate(database, schemaVersion(database)));
  } finally {
    database.enableDefensive(true);
  }
}

/** A folder we may not write to has no room for the shared-memory file of WAL; without a log none is needed. */
function needsImmutable(thrown: unknown, file: string): boolean {
  const code = sqliteCode(thrown);
  if (code === undefined || ((code & 0xff) !== 14 && (code & 0xff) !== 8)) return false;
  const log = `${file}-wal`;
  return !existsSync(log) || statSync(log).size === 0;
}

function guarded<Value>(file: string, body: () => Value): Value {
  try {
    return body();
  } catch (thrown) {
    throw storeFailure(thrown, file);
  }
}
