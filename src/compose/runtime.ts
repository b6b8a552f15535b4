import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAnalyzer, type Detector } from "../adapters/lexical/analyzer.ts";
import type { Settings } from "../config/settings.ts";
import { IsthmusError } from "../core/errors.ts";
import type { Analyzer, Embedder, Store } from "../core/ports.ts";
import { type EmbedderListener, modelCacheDirectory, openEmbedder } from "./embedder.ts";
import { makeFolder } from "./folder.ts";
import { packageVersion } from "./package.ts";
import { openStore } from "./store.ts";
import { openTelemetry, type Telemetry } from "./telemetry.ts";

/** The parts that reading and writing share. */
export interface Runtime {
  readonly settings: Settings;
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly store: Store;
  /** What watches them; they are decorated by it already. */
  readonly telemetry?: Telemetry | undefined;
  close(): Promise<void>;
}

export async function openRuntime(settings: Settings, listener: EmbedderListener = {}): Promise<Runtime> {
  await prepareModelFolder(settings);
  const opened = await openEmbedder(settings, listener);
  const telemetry = await openTelemetry(settings.telemetry, { name: "isthmus", version: packageVersion() });
  const store = openStore(settings, telemetry?.wire);
  return {
    settings,
    telemetry,
    embedder: telemetry?.embedder(opened) ?? opened,
    analyzer: createAnalyzer(loadDetector),
    store: telemetry?.store(store) ?? store,
    async close() {
      await opened.close().finally(() => telemetry?.close());
    },
  };
}

async function loadDetector(): Promise<Detector> {
  const [{ detectLanguage }, { functionWords }] = await Promise.all([
    import("../adapters/lexical/detect.ts"),
    import("../adapters/lexical/function-words.ts"),
  ]);
  return { detectLanguage, functionWords };
}

/**
 * Makes the data folder, and keeps it out of version control wherever it lies.
 *
 * @throws `store_unavailable`
 */
export async function prepareDataDirectory(settings: Settings): Promise<void> {
  try {
    await makeFolder(settings.dataDir);
    await writeFile(join(settings.dataDir, ".gitignore"), "*\n", { flag: "wx" }).catch(unlessThere);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new IsthmusError(
      "store_unavailable",
      `The data folder ${settings.dataDir} cannot be written (${reason}); set ISTHMUS_DATA_DIR to a folder that can.`,
      { cause: error },
    );
  }
}

/** Before a named model is looked for, or fetched into the data folder. @throws `store_unavailable` */
export async function prepareModelFolder(settings: Settings): Promise<void> {
  if (settings.model !== undefined && !existsSync(modelCacheDirectory(settings))) await prepareDataDirectory(settings);
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
