import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Entry } from "./entry.ts";
import { kindSchema } from "./latest.ts";
import { kindOf, type Machine } from "./machine.ts";
import { checkNumbers } from "./report.ts";

/**
 * Writes the entry into `<folder>/<date>-<cpu>.json`, beside those of the other benches of that day and processor; an
 * earlier one of the same bench makes way. Another kind of machine with a processor of that name has a file of its own, `…-2.json`.
 *
 * @param day of the file; a run that goes on past midnight stays in one.
 * @returns the file's path.
 * @throws Error, before anything is written, for a figure that is no number, or a file that holds something else.
 */
export async function record(folder: string, entry: Entry, day: Date): Promise<string> {
  checkNumbers(entry);
  const cpu = entry.machine.cpu
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  const name = `${day.toISOString().slice(0, 10)}-${cpu}`;
  await mkdir(folder, { recursive: true });
  let path = join(folder, `${name}.json`);
  let others = await earlier(path);
  for (let number = 2; ofAnotherKind(others, entry.machine); number += 1) {
    path = join(folder, `${name}-${number}.json`);
    others = await earlier(path);
  }
  const results = JSON.stringify({ ...others, [entry.bench]: entry }, null, 2);
  // Whoever is stopped in the middle of writing keeps what was there.
  const written = `${path}.tmp`;
  await writeFile(written, `${results}\n`);
  await rename(written, path);
  return path;
}

/** Results of another kind of machine whose processor has the same name are not overwritten. */
function ofAnotherKind(entries: object, machine: Machine): boolean {
  return Object.values(entries).some((each: unknown) => {
    const parsed = entrySchema.safeParse(each);
    return parsed.success && kindOf(parsed.data.machine) !== kindOf(machine);
  });
}

const entrySchema = z.object({ machine: kindSchema });

/** @throws Error when there is a file that is no JSON object: hours of measuring are not overwritten without a word. */
async function earlier(path: string): Promise<object> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`${path} does not hold results as JSON. Move it away and measure again.`);
}
