import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

/** A program that tests run for real, built once from a pinned Go module. */
export interface GoProgram {
  /** Of the binary, as `go install` names it. */
  readonly name: string;
  /** The import path of the main package. */
  readonly package: string;
  /** With its `v`. */
  readonly version: string;
  /** A folder beside this file with a go.mod of ours that builds it, where `go install` cannot. */
  readonly module?: string;
  /** The main package within that module; default its root. */
  readonly target?: string;
  /** Made without C, so that it runs on any root file system. */
  readonly static?: boolean;
  readonly linkerFlags?: string;
  /** What a person who lacks it is told: roughly how long the first build takes on two cores. */
  readonly minutes: number;
}

export interface Binary {
  /** Where it is, or undefined where it can neither be found nor built. */
  readonly path: string | undefined;
  /** Why it is missing and how to get it, as the reason of a skipped suite; false where it is there. */
  readonly skip: string | false;
}

/** Binaries lie outside the checkout, by name and version, so that a fresh clone does not build them again. */
export function peersFolder(): string {
  return process.env["ISTHMUS_PEERS_DIR"] ?? join(homedir(), ".cache", "isthmus", "peers");
}

/**
 * The program's binary, built first where it is not cached and Go is there.
 *
 * @throws with CI=true where it cannot be had: in CI a missing peer is a failure, never a skip.
 */
export async function goBinary(program: GoProgram, tell: (line: string) => void = () => {}): Promise<Binary> {
  const folder = join(peersFolder(), `${program.name}-${program.version}`);
  const path = join(folder, process.platform === "win32" ? `${program.name}.exe` : program.name);
  if (existsSync(path)) return { path, skip: false };
  const go = spawnSync("go", ["version"], { encoding: "utf8" });
  if (go.error !== undefined || go.status !== 0) {
    return missing(
      `${program.name} ${program.version} is missing: install Go (go.dev/dl), then run npm run peers:build`,
    );
  }
  tell(`building ${program.name} ${program.version} (about ${program.minutes} min, once)`);
  const code = await install(program, folder);
  if (existsSync(path)) return { path, skip: false };
  return missing(`${program.name} ${program.version} could not be built (go ended with ${code}): see its output above`);
}

/** What is missing and how to get it. @throws with CI=true. */
export function missing(reason: string): Binary {
  if (process.env["CI"] === "true") throw new Error(reason);
  return { path: undefined, skip: reason };
}

function buildCommand(program: GoProgram, folder: string): string[] {
  const { name, package: path, version, module, target = ".", linkerFlags } = program;
  const flags = linkerFlags === undefined ? [] : [`-ldflags=${linkerFlags}`];
  if (module === undefined) return ["install", ...flags, `${path}@${version}`];
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return ["build", "-trimpath", ...flags, "-o", join(folder, file), target];
}

/** Builds beside the final place and moves the folder there whole, so that nobody ever sees half a binary. */
async function install(program: GoProgram, folder: string): Promise<number | null> {
  mkdirSync(peersFolder(), { recursive: true });
  const building = mkdtempSync(join(peersFolder(), `.${basename(folder)}-`));
  try {
    const child = spawn("go", buildCommand(program, building), {
      env: { ...process.env, GOBIN: building, ...(program.static === true && { CGO_ENABLED: "0" }) },
      stdio: ["ignore", "inherit", "inherit"],
      ...(program.module !== undefined && { cwd: join(import.meta.dirname, program.module) }),
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", resolve);
    });
    if (code === 0 && !existsSync(folder)) renameSync(building, folder);
    return code;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
