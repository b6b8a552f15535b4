import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEnglishAnalyzer } from "../adapters/lexical/english.ts";
import { createSqliteStore } from "../adapters/store/sqlite/store.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import type { Analyzer, Embedder, Store } from "../core/ports.ts";
import { type EmbedderListener, openEmbedder } from "./embedder.ts";

/** The parts that reading and writing share. */
export interface Runtime {
  readonly settings: Settings;
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly store: Store;
  close(): Promise<void>;
}

export async function openRuntime(settings: Settings, listener: EmbedderListener = {}): Promise<Runtime> {
  const embedder = await openEmbedder(settings, listener);
  return {
    settings,
    embedder,
    analyzer: createEnglishAnalyzer(),
    store: openStore(settings),
    close: () => embedder.close(),
  };
}

export function openStore(settings: Settings): Store {
  return createSqliteStore({ directory: settings.dataDir, rangeKeys: settings.rangeKeys });
}

/** Makes the data folder, and keeps it out of version control wherever it lies. */
export async function prepareDataDirectory(settings: Settings): Promise<void> {
  try {
    await mkdir(settings.dataDir, { recursive: true });
    await writeFile(join(settings.dataDir, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new IsthmusError(
      "store_unavailable",
      `The data folder ${settings.dataDir} cannot be written (${reason}); set ISTHMUS_DATA_DIR to a folder that can.`,
      { cause: error },
    );
  }
}
