import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface ProgramSettings {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment: nothing of ours leaks into a peer. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** True once the program answers. Called again and again until then. */
  ready(): Promise<boolean>;
}

/** A program that runs until it is stopped. */
export interface Program {
  readonly pid: number;
  /** The last lines it printed, for the message of a failed test. */
  log(): string;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** SIGSTOP: a machine that hangs. Resolves once every thread of it stands. */
  pause(): Promise<void>;
  /** SIGCONT: it comes back. */
  resume(): void;
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
}

/** Long enough for a busy machine; a peer that is not ready by then has failed. */
const readyWithinMs = 120_000;
const stopWithinMs = 20_000;
const logKept = 4_096;

const living = new Set<ChildProcess>();
// A test process that ends in a hurry takes its peers along.
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Linux ends a program with its parent where it was asked to: nobody who gets SIGKILL can do it himself. */
const withUs = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] as const;

function stands(pid: number | undefined): boolean {
  const state = readFileSync(`/proc/${pid}/stat`, "utf8");
  return state.slice(state.lastIndexOf(")") + 2).startsWith("T");
}

/** Starts a program and waits until it is ready. @throws with its last output when it ends or does not get ready. */
export async function startProgram(settings: ProgramSettings): Promise<Program> {
  const called = [...(existsSync(withUs[0]) ? withUs : []), settings.command, ...(settings.args ?? [])];
  const [command = "", ...args] = called;
  const child = spawn(command, args, {
    cwd: settings.folder,
    env: settings.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.add(child);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-logKept);
    });
  }
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  const ended = once(child, "close").then(
    () => living.delete(child),
    () => living.delete(child),
  );
  const program: Program = {
    pid: child.pid ?? -1,
    log: () => log,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async pause() {
      child.kill("SIGSTOP");
      // The signal is not delivered yet when it is sent; answers may still come until then.
      while (!stands(child.pid)) await sleep(1);
    },
    resume: () => child.kill("SIGCONT"),
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
      await ended;
      clearTimeout(timer);
    },
  };
  const deadline = Date.now() + readyWithinMs;
  while (!(await settings.ready().catch(() => false))) {
    const gone = failure !== undefined || child.exitCode !== null || child.signalCode !== null;
    if (gone || Date.now() > deadline) {
      await program.kill();
      throw new Error(`${settings.name} ${gone ? "ended" : "did not get ready"}: ${failure?.message ?? ""}\n${log}`);
    }
    await sleep(50);
  }
  return program;
}
