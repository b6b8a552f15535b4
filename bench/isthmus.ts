import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { execPath, platform } from "node:process";
import { z } from "zod";
import { createProcessWatch } from "./process-watch.ts";

const living = new Set<ChildProcess>();
// At once, with what it started: one that ends in order may make its folder after ours was removed.
process.on("exit", () => {
  for (const child of living) {
    if (platform === "win32" || child.pid === undefined) child.kill();
    else endGroup(child.pid);
  }
});

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

const binary = join(import.meta.dirname, "..", "bin", "isthmus.mjs");

export interface IsthmusRun {
  readonly stdout: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** The most memory that any one process of the run held at a time, bytes; undefined where the system does not tell. */
  readonly peakMemory: number | undefined;
  /** CPU time of all its processes, seconds; undefined where the system does not tell. */
  readonly cpu: number | undefined;
}

/** Starts the command as a user would, with its state in `dataDir`. Progress and errors go to its stderr, a pipe. */
export function startIsthmus(
  parameters: readonly string[],
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(execPath, [binary, ...parameters], {
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which can be ended as a whole.
    detached: platform !== "win32",
    env: { ...process.env, ...environment, ISTHMUS_DATA_DIR: dataDir, NO_COLOR: "1" },
  });
  living.add(child);
  child.once("close", () => living.delete(child));
  return child;
}

/** Runs the command to its end. @throws Error with the end of its stderr when it exits with another code than 0. */
export async function runIsthmus(
  parameters: readonly string[],
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<IsthmusRun> {
  const start = performance.now();
  const child = startIsthmus(parameters, dataDir, environment);
  const watch = createProcessWatch(child.pid);
  const output: string[] = [];
  let complaints = "";
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => output.push(piece));
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    complaints = (complaints + piece).slice(-2000);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const seconds = (performance.now() - start) / 1000;
  const watched = watch.stop();
  if (exitCode !== 0) throw new Error(`isthmus ${parameters.join(" ")} exited with ${exitCode}:\n${complaints}`);
  return { stdout: output.join(""), seconds, peakMemory: watched?.peakMemory, cpu: watched?.cpu };
}

const summarySchema = z.object({
  added: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  removed: z.number(),
  failed: z.number(),
  chunks: z.number(),
  embedded: z.number(),
  took_ms: z.number(),
});

export type IngestSummary = z.infer<typeof summarySchema>;

/** What `isthmus ingest --json` says of its run. */
export function ingestSummary(run: IsthmusRun): IngestSummary {
  return summarySchema.parse(JSON.parse(run.stdout));
}
