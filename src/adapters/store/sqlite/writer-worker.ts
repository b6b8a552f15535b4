import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { IsthmusError } from "../../../core/errors.ts";
import type { ModelIdentity } from "../../../core/types.ts";
import { openForWriting } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { acquireLock } from "./lock.ts";
import { guardAll } from "./rpc.ts";
import { serve } from "./rpc-worker.ts";
import { createWriter, type IndexWriter } from "./writer.ts";

export interface WriterSettings {
  readonly file: string;
  readonly identity: ModelIdentity;
}

/** The methods of the writer's worker, by name. */
export type WriterMethods = { open(): void; close(): void } & { [Name in keyof IndexWriter]: IndexWriter[Name] };

const { file, identity } = workerData as WriterSettings;
let writer: (IndexWriter & { close(): void }) | undefined;

function open(): IndexWriter & { close(): void } {
  makeFolder(dirname(file));
  const release = acquireLock(join(dirname(file), "writer.lock"));
  try {
    const database = openForWriting(file, identity);
    const close = (): void => {
      database.close();
      release();
    };
    return { ...createWriter(database), close };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const text = `The index folder ${folder} cannot be created: ${reason}. Name another one in ISTHMUS_DATA_DIR.`;
    throw new IsthmusError("config_invalid", text, { cause: thrown });
  }
}

function opened(): IndexWriter {
  writer ??= open();
  return writer;
}

const methods: WriterMethods = {
  open() {
    opened();
  },
  put: (attempt, chunks) => opened().put(attempt, chunks),
  commit: (attempt, commit) => opened().commit(attempt, commit),
  abandon: (attempt) => opened().abandon(attempt),
  remove: (tombstones) => opened().remove(tombstones),
  recordFailure: (failure) => opened().recordFailure(failure),
  clearFailures: (uris) => opened().clearFailures(uris),
  hold: (deletions) => opened().hold(deletions),
  release: (uris) => opened().release(uris),
  removedLately: (prefix, withinMs) => opened().removedLately(prefix, withinMs),
  heldPage: (prefix, after, limit) => opened().heldPage(prefix, after, limit),
  current: (uri) => opened().current(uri),
  vectors: (textHashes) => opened().vectors(textHashes),
  entries: (uris) => opened().entries(uris),
  page: (prefix, after, limit) => opened().page(prefix, after, limit),
  count: (prefix) => opened().count(prefix),
  close() {
    writer?.close();
    writer = undefined;
  },
};

if (parentPort !== null)
  serve(
    parentPort,
    guardAll(methods, (thrown) => storeFailure(thrown, file)),
  );
