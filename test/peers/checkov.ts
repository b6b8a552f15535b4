import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Binary, missing, peersFolder } from "./binaries.ts";

const version = "3.3.30";

/**
 * checkov in a virtual environment of its own, made on first use (about 3 minutes, 290 MB).
 *
 * @throws with CI=true where it cannot be had.
 */
export function checkovBinary(tell: (line: string) => void = () => {}): Binary {
  const environment = join(peersFolder(), `checkov-${version}`);
  const scripts = join(environment, process.platform === "win32" ? "Scripts" : "bin");
  const path = join(scripts, "checkov");
  // An environment cannot be moved once it is made, so a mark says that it is whole.
  const whole = join(environment, "whole");
  if (existsSync(whole)) return { path, skip: false };
  const python = process.env["ISTHMUS_PYTHON"] ?? (process.platform === "win32" ? "python" : "python3");
  if (spawnSync(python, ["--version"]).status !== 0) {
    return missing(`checkov ${version} is missing: install Python 3.11 or newer, then run npm run peers:build`);
  }
  tell(`installing checkov ${version} (about 3 min, once)`);
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(peersFolder(), { recursive: true });
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", `checkov==${version}`];
  const made = run(python, ["-m", "venv", environment]) && run(join(scripts, "python"), pip) && existsSync(path);
  if (!made) return missing(`checkov ${version} could not be installed: see the output of pip above`);
  writeFileSync(whole, "");
  return { path, skip: false };
}

function run(command: string, parameters: readonly string[]): boolean {
  return spawnSync(command, parameters, { stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}
