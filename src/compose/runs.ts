import { readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { RunFigures } from "../core/ingest-types.ts";

/** Hidden, so that no source reads it, and by the program's name, so that it is nobody else's, where a folder of documents is the data folder. */
export const RECORD = /^\.isthmus-run-\d+\.json(\.new)?$/;
const fileOf = (process: number): string => `.isthmus-run-${process}.json`;

/** What lies in the file. */
export interface RunRecord {
  readonly process: number;
  readonly host: string;
  readonly index: string;
  readonly figures: RunFigures;
}

/** Between two records of one run. */
const beatMs = 500;
/** A record that is older is of a process that is no longer there, or of a machine that stands still. */
export const staleMs = 15_000;

/**
 * Keeps a record of a run in the data folder as long as it goes on, so that a server over the same folder can tell how far it is. What keeps
 * the record from being written is nothing to the run.
 *
 * @param figures undefined while there is nothing to tell.
 */
export function recordRun(
  settings: Settings,
  figures: () => RunFigures | undefined,
): { readonly end: () => Promise<void> } {
  const file = join(settings.dataDir, fileOf(process.pid));
  const draft = `${file}.new`;
  let writing: Promise<void> = sweep(settings.dataDir);
  const write = async () => {
    const now = figures();
    if (now === undefined) return;
    const record: RunRecord = { process: process.pid, host: hostname(), index: indexOf(settings), figures: now };
    await writeFile(draft, JSON.stringify(record));
    await rename(draft, file);
  };
  const beat = () => {
    writing = writing.then(write).catch(() => {});
  };
  beat();
  const timer = setInterval(beat, beatMs).unref();
  return {
    async end() {
      clearInterval(timer);
      await writing;
      for (const path of [file, draft]) await rm(path, { force: true }).catch(() => {});
    },
  };
}

/** A data folder may be shared by commands over several indexes. */
export function indexOf({ weaviate }: Settings): string {
  return weaviate === undefined ? "sqlite" : `weaviate ${weaviate.collection}`;
}

/** What runs that were killed have left. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!RECORD.test(name)) continue;
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > staleMs) await rm(path, { force: true }).catch(() => {});
  }
}
