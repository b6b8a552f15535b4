import { type ChildProcess, spawn } from "node:child_process";
import { root } from "../run.ts";

export interface RunOptions {
  /** Default: the repository. */
  readonly folder?: string;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Exit codes that are no failure; default 0 alone. */
  readonly expected?: readonly number[];
  /** Passes the output on as it comes, for work that takes long. */
  readonly show?: boolean;
  /** Does not print the call, of which there will be hundreds. */
  readonly quiet?: boolean;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The programs of others, and the one way to call them. Every call is printed; what it answers is not, so that a key may be
 * asked for. A key is never an argument: it goes by a file or by standard input.
 */
export interface Tools {
  readonly dryRun: boolean;
  say(line: string): void;
  /** A call that changes nothing; dry runs make it too. @throws when it ends with an unexpected code. */
  ask(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** A call that changes something; a dry run prints it and goes on as if it had succeeded without output. */
  change(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** A program that goes on until it is killed. */
  start(program: string, args: readonly string[]): ChildProcess;
}

export function createTools(settings: { readonly dryRun: boolean; readonly say: (line: string) => void }): Tools {
  const { dryRun, say } = settings;
  return {
    dryRun,
    say,
    async ask(program, args, options = {}) {
      if (options.quiet !== true) say(`+ ${printed(program, args)}`);
      return await run(program, args, options, say);
    },
    async change(program, args, options = {}) {
      say(`${dryRun ? "(dry run) + " : "+ "}${printed(program, args)}`);
      return dryRun ? { code: 0, stdout: "", stderr: "" } : await run(program, args, options, say);
    },
    start(program, args) {
      say(`+ ${printed(program, args)} &`);
      return spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    },
  };
}

function printed(program: string, args: readonly string[]): string {
  return [program, ...args].map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : `'${each}'`)).join(" ");
}

function run(program: string, args: readonly string[], options: RunOptions, say: (line: string) => void): Promise<Ran> {
  const { expected = [0] } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.folder ?? root,
      env: { ...process.env, ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (options.show === true) process.stderr.write(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      process.stderr.write(text);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const advice = "is not on the PATH; scripts/ci/install-tools.sh --help says where each tool comes from";
      reject(error.code === "ENOENT" ? new Error(`${program} ${advice}`) : error);
    });
    child.on("close", (code, signal) => {
      const ran = { code: code ?? 1, stdout, stderr };
      if (signal === null && expected.includes(ran.code)) return resolve(ran);
      const how = signal === null ? `exit code ${code}` : signal;
      say(`${program} ended with ${how}`);
      reject(new Error(`${printed(program, args)} ended with ${how}; its own message is above`));
    });
    // A program that ends without reading what it was given is judged by its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}
