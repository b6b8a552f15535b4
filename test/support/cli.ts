import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

export const root = join(import.meta.dirname, "../..");
const cli = join(root, "src/entry/cli.ts");

/** Long enough for a loaded machine; a test that waits so long has failed. */
const patienceMs = 90_000;

/** A folder with a person's files and a data folder beside it. */
export interface Desk {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): string;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Finished>;
  /** Starts a command that goes on. */
  start(...args: string[]): Running;
  /** Stops what still runs and removes the folder. */
  clear(): Promise<void>;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON. */
  json<Shape>(): Shape;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Finished>;
  /** Waits for text on either stream and gives the match. */
  seen(pattern: RegExp): Promise<RegExpMatchArray>;
}

export function createDesk(environment: NodeJS.ProcessEnv = {}): Desk {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-desk-"));
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const settings = { ...inherited, ISTHMUS_DATA_DIR: join(folder, "data"), PORT: "0", ...environment };
  const running: Running[] = [];
  const start = (...args: string[]) => {
    const started = track(
      spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, ...args], { cwd: folder, env: settings }),
    );
    running.push(started);
    return started;
  };
  return {
    folder,
    environment: settings,
    write(name, content) {
      const path = join(folder, "documents", name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    run: (...args) => start(...args).ended,
    start,
    async clear() {
      for (const { process: child } of running)
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await Promise.all(running.map((started) => started.ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A desk for the length of one test. */
export function deskFor(context: TestContext, environment: NodeJS.ProcessEnv = {}): Desk {
  const desk = createDesk(environment);
  context.after(() => desk.clear());
  return desk;
}

/** Collects a child's output and tells when it ends. */
export function track(child: ChildProcess): Running {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const finish = async (): Promise<Finished> => {
    const [code, signal] = await once(child, "close");
    return { code, signal, stdout, stderr, json: () => JSON.parse(stdout) };
  };
  const ended = finish();
  return {
    process: child,
    ended,
    async seen(pattern) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match !== null) return match;
        const over = child.exitCode !== null || child.signalCode !== null || Date.now() > deadline;
        if (over) throw new Error(`${pattern} was never seen.\nstdout:\n${stdout}\nstderr:\n${stderr}`);
        await sleep(20);
      }
    },
  };
}

/**
 * Asks until the answer satisfies, for things that happen in their own time. Meanwhile a question may fail, as one to a collection that is just
 * being made does: only what fails to the end is told.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  satisfies: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const over = Date.now() > deadline;
    try {
      const answer = await ask();
      if (satisfies(answer)) return answer;
      if (over) throw new Error(`Still not right: ${JSON.stringify(answer)}`);
    } catch (thrown) {
      if (over) throw thrown;
    }
    await sleep(50);
  }
}
