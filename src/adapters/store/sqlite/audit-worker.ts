import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { ModelIdentity, Stray, Verification } from "../../../core/types.ts";
import { type Audit, createAudit, recordVerification } from "./audit.ts";
import { openForReading, openForWriting } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { acquireLock } from "./lock.ts";
import { createManifestRows, type ManifestRows } from "./manifest-rows.ts";
import { guardAll } from "./rpc.ts";
import { serve } from "./rpc-worker.ts";
import { createStatements } from "./statements.ts";

/** It reads everything once: pages are not worth keeping. */
const CACHE_BYTES = 8 * 1024 * 1024;

export interface AuditSettings {
  readonly file: string;
  readonly identity: ModelIdentity;
  /** `repair` holds the writer's lock; `look` reads beside a writer. */
  readonly mode: "look" | "repair";
}

/** The methods of the audit's worker, by name. */
export type AuditMethods = {
  open(): void;
  strays(): Stray[];
  record(verification: Verification): void;
  close(): void;
} & Omit<Audit, "strays"> &
  Omit<ManifestRows, "current" | "heldPage">;

interface Opened {
  readonly audit: Audit;
  readonly manifest: ManifestRows;
  close(): void;
}

const { file, identity, mode } = workerData as AuditSettings;
let opened: Opened | undefined;

function open(): Opened {
  // Opened first: where there is no index, no lock is left behind.
  if (mode === "look") return withDatabase(openForReading(file, identity, CACHE_BYTES), () => {});
  openForReading(file, identity, CACHE_BYTES).close();
  const release = acquireLock(join(dirname(file), "writer.lock"));
  try {
    return withDatabase(openForWriting(file, identity), release);
  } catch (thrown) {
    release();
    throw thrown;
  }
}

function withDatabase(database: DatabaseSync, release: () => void): Opened {
  return {
    audit: createAudit(database, identity.dimensions),
    manifest: createManifestRows(createStatements(database)),
    close() {
      database.close();
      release();
    },
  };
}

function live(): Opened {
  opened ??= open();
  return opened;
}

const methods: AuditMethods = {
  open() {
    live();
  },
  inspect: (rows) => live().audit.inspect(rows),
  strays: () => live().audit.strays(mode === "repair"),
  forget: (rows) => live().audit.forget(rows),
  sweep: (strays) => live().audit.sweep(strays),
  record(verification) {
    // A line of its own: who only looks has opened the index for reading.
    const database = new DatabaseSync(file, { timeout: 5_000 });
    try {
      recordVerification(database, verification);
    } finally {
      database.close();
    }
  },
  entries: (uris) => live().manifest.entries(uris),
  page: (prefix, after, limit) => live().manifest.page(prefix, after, limit),
  count: (prefix) => live().manifest.count(prefix),
  verified: () => live().manifest.verified(),
  close() {
    opened?.close();
    opened = undefined;
  },
};

if (parentPort !== null)
  serve(
    parentPort,
    guardAll(methods, (thrown) => storeFailure(thrown, file)),
  );
