import { join } from "node:path";
import { env } from "node:process";
import { type BenchServer, startBenchServer } from "../bench/weaviate.ts";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import { parseSettings } from "../src/config/parse.ts";
import type { Settings } from "../src/config/settings.ts";
import { IsthmusError } from "../src/core/errors.ts";
import type { Store } from "../src/core/ports.ts";
import type { StoreName } from "./options.ts";

/** A store to be measured. */
export interface GateStore {
  readonly name: StoreName;
  /** Under which test sets are indexed. */
  readonly settings: Settings;
  /** An empty one for the recall of its index. */
  forRecall(): Store;
}

export interface OpenedStores {
  readonly stores: readonly GateStore[];
  /** What was wanted and cannot be had here. */
  readonly missing: readonly StoreName[];
  close(): Promise<void>;
}

/**
 * Opens the stores wanted, each with its data in `folder` or on a Weaviate that is started for it. Where there is none, the embedded
 * store is measured alone if it was wanted as well.
 *
 * @throws `store_unavailable` where nothing wanted can be had; with CI=true where anything wanted cannot.
 */
export async function openStores(
  wanted: readonly StoreName[],
  folder: string,
  tell: (line: string) => void,
): Promise<OpenedStores> {
  const server = wanted.includes("weaviate") ? await startServer(wanted, tell) : undefined;
  const stores = wanted.flatMap((name) => {
    if (name === "sqlite") return [embedded(folder)];
    return server === undefined ? [] : [onServer(server, folder)];
  });
  const missing = wanted.filter((name) => !stores.some((store) => store.name === name));
  return { stores, missing, close: async () => await server?.stop() };
}

async function startServer(wanted: readonly StoreName[], tell: (line: string) => void) {
  let last = "";
  const server = await startBenchServer((line) => {
    last = line;
    tell(line);
  }).catch((error: unknown) => {
    throw unavailable(error instanceof Error ? error.message : String(error), error);
  });
  if (server === undefined && wanted.every((name) => name === "weaviate")) throw unavailable(last);
  return server;
}

function unavailable(why: string, cause?: unknown): IsthmusError {
  return new IsthmusError("store_unavailable", `There is no Weaviate to measure on: ${why}`, { cause });
}

function embedded(folder: string): GateStore {
  return {
    name: "sqlite",
    settings: parseSettings({ ...env, ISTHMUS_DATA_DIR: join(folder, "sqlite"), ISTHMUS_STORE: "sqlite" }),
    forRecall: () => createSqliteStore({ directory: join(folder, "recall") }),
  };
}

function onServer(server: BenchServer, folder: string): GateStore {
  return {
    name: "weaviate",
    settings: parseSettings({ ...env, ISTHMUS_DATA_DIR: join(folder, "weaviate"), ...server.environment("Quality") }),
    forRecall: () => createWeaviateStore(server.settings("Recall")),
  };
}
