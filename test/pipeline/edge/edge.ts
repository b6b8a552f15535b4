import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../../scripts/run.ts";
import { type Call, readFlagTable } from "./flags.ts";
import type { Answer } from "./stand-in.ts";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RecordedCall extends Call {
  /** What it read from standard input, where "-" was among its arguments, or from the file after `-f`. */
  readonly input: string;
}

/** A place where the clouds' programs are stand-ins. Buckets and secrets are files in it. */
export interface Edge {
  readonly folder: string;
  answer(...answers: readonly Answer[]): void;
  putObject(url: string, text: string): void;
  object(url: string): string | undefined;
  putSecret(name: string, value: string): void;
  /** A program that does just this, as a line of shell. */
  standIn(program: string, line: string): void;
  /** Puts a file that a stand-in reads: `real.json`, `storage-server`, `function.json`. */
  put(name: string, text: string): void;
  /** Where `kubectl port-forward` leads to. */
  forwardTo(port: number): void;
  calls(): RecordedCall[];
  /** The calls as lines, for reading. */
  lines(): string[];
  /** Runs a step of the pipeline. */
  step(name: string, args?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished>;
  run(command: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished>;
  remove(): void;
}

/** @param programs that are stood in for; the others are the machine's own. */
export function createEdge(programs: readonly string[] = Object.keys(readFlagTable())): Edge {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-edge-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const install = (program: string, line: string) => {
    writeFileSync(join(bin, program), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, program), 0o755);
  };
  const program = join(import.meta.dirname, "stand-in.ts");
  for (const name of programs)
    install(name, `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${program}' ${name} "$@"`);
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined;
  const objectFile = (url: string) => join("buckets", url.slice("gs://".length));
  const laid: Answer[] = [];
  write("answers.json", "[]");

  const edge: Edge = {
    folder,
    answer(...answers) {
      laid.push(...answers);
      write("answers.json", JSON.stringify(laid));
    },
    standIn: install,
    put: write,
    putObject: (url, text) => write(objectFile(url), text),
    object: (url) => read(objectFile(url)),
    putSecret: (name, value) => write(join("secrets", name), value),
    forwardTo: (port) => write("forwarded-port", String(port)),
    calls: () =>
      (read("calls.jsonl") ?? "")
        .split("\n")
        .filter(Boolean)
        .map((line): RecordedCall => JSON.parse(line)),
    lines: () => edge.calls().map(({ program, args }) => [program, ...args].join(" ")),
    step: (name, args = [], environment = {}) =>
      edge.run(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", join(root, "scripts/ci.ts"), name, ...args],
        environment,
      ),
    run(command, args, environment = {}) {
      return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
          cwd: root,
          // Nothing of this machine's own settings, and least of all its credentials.
          env: {
            PATH: `${bin}:${process.env["PATH"]}`,
            HOME: folder,
            TMPDIR: folder,
            ISTHMUS_EDGE: folder,
            GOOGLE_PROJECT_ID: "example-project",
            ...environment,
          },
          stdio: ["ignore", "pipe", "pipe"],
        });
        let [stdout, stderr] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          stdout += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          stderr += text;
        });
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, stdout, stderr }));
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return edge;
}
