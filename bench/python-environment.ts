import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { benchCache } from "./cache.ts";
import { install } from "./install.ts";
import type { Progress } from "./progress.ts";
import { Unavailable } from "./unavailable.ts";

const requirements = join(import.meta.dirname, "python", "requirements.txt");
const onnxRequirements = join(import.meta.dirname, "python", "requirements-onnx.txt");

const advice =
  "The Python side wants Python 3.11 or newer with venv (ISTHMUS_PYTHON names it); --no-python leaves it out.";

/**
 * The interpreter of an environment that holds exactly what `requirements.txt` names. It is `ISTHMUS_BENCH_PYTHON` if
 * that is set; else an environment in the cache, made on first use.
 *
 * @throws Unavailable where there is no such Python, or the packages cannot be installed.
 */
export async function preparePython(progress: Progress): Promise<string> {
  const wanted = await readFile(requirements, "utf8");
  const given = process.env["ISTHMUS_BENCH_PYTHON"];
  if (given !== undefined) {
    const missing = missingPackages(given, wanted);
    if (missing === "") return given;
    throw new Unavailable(
      `ISTHMUS_BENCH_PYTHON is ${given}, which lacks: ${missing}. Install bench/python/requirements.txt.`,
    );
  }
  const environment = join(benchCache(), `python-${digestOf(wanted)}`);
  const onWindows = platform() === "win32";
  const python = onWindows ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
  const stamp = join(environment, "complete");
  // The environment runs the Python that made it, which may have been removed since.
  if (existsSync(stamp) && complaintOf(python) === undefined) return python;
  const machinePython = process.env["ISTHMUS_PYTHON"] ?? (onWindows ? "python" : "python3");
  const complaint = complaintOf(machinePython);
  if (complaint !== undefined) throw new Unavailable(`${complaint}. ${advice}`);
  progress.tell(`installing the Python packages (about 6 GB on Linux, less elsewhere; once) into ${environment}`);
  await rm(environment, { recursive: true, force: true });
  await mkdir(benchCache(), { recursive: true });
  await install(machinePython, ["-m", "venv", environment], advice);
  await install(python, ["-m", "pip", "install", ...quietly, "-r", requirements], advice);
  await writeFile(stamp, wanted);
  return python;
}

const quietly = ["--disable-pip-version-check", "--quiet"];

/** Why this Python cannot be used; undefined where it can. */
function complaintOf(python: string): string | undefined {
  const program = "import ensurepip, sys, venv; print(*sys.version_info[:2], sep='.')";
  const { status, stdout, error } = spawnSync(python, ["-c", program], { encoding: "utf8" });
  if (error !== undefined) return `${python} does not run (${error.message})`;
  if (status !== 0) return `${python} does not run, or has no venv and ensurepip`;
  const [major = 0, minor = 0] = stdout.trim().split(".").map(Number);
  return major === 3 && minor >= 11 ? undefined : `${python} is Python ${stdout.trim()}`;
}

/**
 * A folder of packages to put before those of the environment (by `PYTHONPATH`), made on first use: what
 * sentence-transformers needs for ONNX wants an older transformers than the newest, which torch is measured with.
 *
 * @throws Unavailable where they cannot be installed.
 */
export async function prepareOnnxPackages(python: string, progress: Progress): Promise<string> {
  const wanted = await readFile(onnxRequirements, "utf8");
  const folder = join(benchCache(), `python-onnx-${digestOf(wanted)}`);
  const stamp = join(folder, "complete");
  if (existsSync(stamp)) return folder;
  progress.tell(`installing the Python packages for ONNX (173 MB, once) into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(benchCache(), { recursive: true });
  // Each is named there with its version; what else they need is in the environment already.
  const where = ["--no-deps", "--target", folder, "-r", onnxRequirements];
  await install(python, ["-m", "pip", "install", ...quietly, ...where], advice);
  await writeFile(stamp, wanted);
  return folder;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
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
