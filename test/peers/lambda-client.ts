import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Binary, missing, peersFolder } from "./binaries.ts";

const source = join(import.meta.dirname, "lambda-client");
const files = ["package.json", "package-lock.json"] as const;
const program = join("node_modules", "aws-lambda-ric", "index.mjs");

/**
 * AWS's own client of the Runtime API, `aws-lambda-ric`: the module of JavaScript that Lambda's Node runtimes run functions by. Its native
 * part (curl and aws-lambda-cpp, whose sources it brings along) is compiled once, in about a minute.
 *
 * @throws with CI=true where it cannot be had.
 */
export function lambdaClient(tell: (line: string) => void = () => {}): Binary {
  if (process.platform !== "linux") return missing("AWS's client of the Runtime API builds on Linux alone");
  const hash = createHash("sha256").update(process.arch);
  for (const file of files) hash.update(readFileSync(join(source, file)));
  const folder = join(peersFolder(), `lambda-client-${hash.digest("hex").slice(0, 12)}`);
  const path = join(folder, program);
  if (existsSync(folder)) return { path, skip: false };
  const absent = ["cmake", "make", "g++", "xz"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  if (absent.length > 0)
    return missing(
      `AWS's client of the Runtime API is compiled, and ${absent.join(" and ")} is missing (apt-get install cmake g++ make xz-utils)`,
    );
  tell("compiling AWS's client of the Lambda Runtime API (about 1 min, once)");
  mkdirSync(peersFolder(), { recursive: true });
  const building = mkdtempSync(join(peersFolder(), ".lambda-client-"));
  try {
    for (const file of files) copyFileSync(join(source, file), join(building, file));
    // Here alone an install script runs: it compiles what the package holds. Node's headers lie beside this Node; else they are fetched.
    const install = ["ci", "--ignore-scripts=false", "--no-audit", "--no-fund", "--loglevel=error"];
    const home = dirname(dirname(process.execPath));
    const headers = existsSync(join(home, "include/node/node.h")) ? { npm_config_nodedir: home } : {};
    const environment = { ...process.env, ...headers };
    const { status, stdout, stderr } = spawnSync("npm", install, { cwd: building, encoding: "utf8", env: environment });
    if (status !== 0 || !existsSync(join(building, program)))
      return missing(`AWS's client of the Runtime API could not be built: ${`${stdout}${stderr}`.slice(-2_000)}`);
    if (!existsSync(folder)) renameSync(building, folder);
    return { path, skip: false };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
