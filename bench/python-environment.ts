import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { benchCache } from "./cache.ts";
import type { Progress } from "./progress.ts";

const requirements = join(import.meta.dirname, "python", "requirements.txt");
const onnxRequirements = join(import.meta.dirname, "python", "requirements-onnx.txt");

/**
 * The interpreter of an environment that holds exactly what `requirements.txt` names. It is `ISTHMUS_BENCH_PYTHON` if
 * that is set; else an environment in the cache, made on first use (about 1 GB of packages, on Linux more).
 */
export async function preparePython(progress: Progress): Promise<string> {
  const wanted = await readFile(requirements, "utf8");
  const given = process.env["ISTHMUS_BENCH_PYTHON"];
  if (given !== undefined) {
    const missing = missingPackages(given, wanted);
    if (missing === "") return given;
    throw new Error(
      `ISTHMUS_BENCH_PYTHON is ${given}, which lacks: ${missing}. Install bench/python/requirements.txt.`,
    );
  }
  const environment = join(benchCache(), `python-${digestOf(wanted)}`);
  const onWindows = platform() === "win32";
  const python = onWindows ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
  const stamp = join(environment, "complete");
  if (existsSync(stamp)) return python;
  progress.tell(`installing the Python packages into ${environment}, once`);
  await rm(environment, { recursive: true, force: true });
  await mkdir(benchCache(), { recursive: true });
  const machinePython = process.env["ISTHMUS_PYTHON"] ?? (onWindows ? "python" : "python3");
  install(machinePython, ["-m", "venv", environment]);
  install(python, ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r", requirements]);
  await writeFile(stamp, wanted);
  return python;
}

/**
 * A folder of packages to put before those of the environment (by `PYTHONPATH`), made on first use: what
 * sentence-transformers needs for ONNX wants an older transformers than the newest, which torch is measured with.
 */
export async function prepareOnnxPackages(python: string, progress: Progress): Promise<string> {
  const wanted = await readFile(onnxRequirements, "utf8");
  const folder = join(benchCache(), `python-onnx-${digestOf(wanted)}`);
  const stamp = join(folder, "complete");
  if (existsSync(stamp)) return folder;
  progress.tell(`installing the Python packages for ONNX into ${folder}, once`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(benchCache(), { recursive: true });
  // Each is named there with its version; what else they need is in the environment already.
  const where = ["--no-deps", "--target", folder, "-r", onnxRequirements];
  install(python, ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", ...where]);
  await writeFile(stamp, wanted);
  return folder;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function install(command: string, parameters: readonly string[]): void {
  const { status, error } = spawnSync(command, parameters, { stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  throw new Error(
    `${command} ${parameters.join(" ")} failed${error === undefined ? "" : ` (${error.message})`}. The Python side wants Python 3.11 or newer (ISTHMUS_PYTHON); --no-python leaves it out.`,
  );
}

/** "" when each `name==version` line is installed as it says. */
function missingPackages(python: string, wanted: string): string {
  const lines = wanted.split(/\r?\n/).filter((line) => line.includes("=="));
  const program = `
import importlib.metadata as m, sys
for line in sys.argv[1:]:
    name, version = line.split("==")
    try:
        found = m.version(name)
    except m.PackageNotFoundError:
        found = None
    if found != version:
        print(line, end=" ")
`;
  const { status, stdout, error } = spawnSync(python, ["-c", program, ...lines], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : `(it does not run: ${error?.message ?? `exit code ${status}`})`;
}
