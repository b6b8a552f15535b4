import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import type { Settings } from "../config/settings.ts";

/** Hidden, so that no source reads it, and by the program's name, so that it is nobody else's, where a folder of documents is the data folder. */
const RECORD = /^\.isthmus-run-\d+\.json(\.new)?$/;
const fileOf = (process: number): string => `.isthmus-run-${process}.json`;

/** How far a run over places is, as another process reads it. */
const figuresSchema = z.strictObject({
  listing: z.boolean(),
  done: z.int().min(0),
  total: z.int().min(0),
  failed: z.int().min(0),
  documentsPerSecond: z.number().min(0),
  leftMs: z.number().min(0).exactOptional(),
});
export type RunFigures = z.output<typeof figuresSchema>;

const recordSchema = z.strictObject({ process: z.int(), host: z.string(), index: z.string(), figures: figuresSchema });

/** Between two records of one run. */
const beatMs = 500;
/** A record that is older is of a process that is no longer there, or of a machine that stands still. */
const staleMs = 15_000;

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
    const record = { process: process.pid, host: hostname(), index: indexOf(settings), figures: now };
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

/** Runs of other processes over the same index, as their records tell. */
export async function runsElsewhere(
  settings: Settings,
): Promise<{ readonly process: number; readonly figures: RunFigures }[]> {
  const names = await readdir(settings.dataDir).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => RECORD.test(name) && !name.endsWith(".new")).map((name) => read(settings, name)),
  );
  return found.filter((run) => run !== undefined);
}

async function read(settings: Settings, name: string) {
  const path = join(settings.dataDir, name);
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(path), readFile(path, "utf8")]);
    const record = recordSchema.parse(JSON.parse(text));
    const here = record.host === hostname();
    const own = here && record.process === process.pid;
    const over = Date.now() - mtimeMs > staleMs || (here && !lives(record.process));
    if (own || over || record.index !== indexOf(settings)) return undefined;
    return { process: record.process, figures: record.figures };
  } catch {
    // It has just ended, or is of another version of the program.
    return undefined;
  }
}

/** A data folder may be shared by commands over several indexes. */
function indexOf({ weaviate }: Settings): string {
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

function lives(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
