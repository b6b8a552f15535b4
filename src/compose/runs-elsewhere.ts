import { readdir, readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import type { Settings } from "../config/settings.ts";
import type { RunFigures } from "../core/ingest-types.ts";
import { indexOf, RECORD, type RunRecord, staleMs } from "./runs.ts";

// Apart from what writes the records: a command that indexes need not load what reads them.
const recordSchema: z.ZodType<RunRecord> = z.strictObject({
  process: z.int(),
  host: z.string(),
  index: z.string(),
  figures: z.strictObject({
    listing: z.boolean(),
    done: z.int().min(0),
    total: z.int().min(0),
    failed: z.int().min(0),
    documentsPerSecond: z.number().min(0),
    leftMs: z.number().min(0).exactOptional(),
  }),
});

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

function lives(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
