import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finished, type Running, root, track } from "./cli.ts";

export interface LogEntry {
  readonly time: string;
  readonly severity: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface JobRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly entries: readonly LogEntry[];
  /** The last entry: the summary, or the error. */
  readonly last: LogEntry;
  /** Everything that was printed. */
  readonly text: string;
}

/** Runs the ingestion Job in an empty folder, with an index in a file unless the environment says otherwise. */
export interface JobDesk {
  readonly folder: string;
  run(environment?: Readonly<Record<string, string>>): Promise<JobRun>;
  start(environment?: Readonly<Record<string, string>>, ...args: string[]): Running;
  clear(): Promise<void>;
}

/** @param program the Job's file: from source, or out of a bundle. */
export function createJobDesk(
  common: Readonly<Record<string, string>>,
  program: string = join(root, "src/entry/ingest-job.ts"),
): JobDesk {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-job-"));
  const local = { ISTHMUS_STORE: "sqlite", ISTHMUS_DATA_DIR: join(folder, "data") };
  const running: Running[] = [];
  function start(environment: Readonly<Record<string, string>> = {}, ...args: string[]): Running {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
      cwd: folder,
      // Nothing else: a pod has no home and no more variables either.
      env: { ...local, ...common, ...environment },
    });
    const started = track(child);
    running.push(started);
    return started;
  }
  return {
    folder,
    start,
    run: async (environment) => readLog(await start(environment).ended),
    async clear() {
      for (const { process: child } of running)
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await Promise.all(running.map((started) => started.ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every line is a JSON object with the fields that Cloud Logging reads; anything else fails the test. */
export function readLog({ code, signal, stdout, stderr }: Finished): JobRun {
  assert.equal(stderr, "");
  const entries = stdout
    .split("\n")
    .slice(0, -1)
    .map((line): LogEntry => JSON.parse(line));
  for (const { time, severity, message } of entries) {
    assert.equal(new Date(time).toISOString(), time);
    assert.match(severity, /^(INFO|NOTICE|WARNING|ERROR)$/);
    assert.ok(message.length > 0);
  }
  const last = entries.at(-1);
  assert.ok(last, "the Job said nothing");
  return { code, signal, entries, last, text: stdout };
}
