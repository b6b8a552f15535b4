import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { benchCache } from "./cache.ts";
import { install } from "./install.ts";
import type { Progress } from "./progress.ts";
import { Unavailable } from "./unavailable.ts";

const manifests = join(import.meta.dirname, "node");
const advice = "--no-node leaves this side out.";

/**
 * A folder whose `node_modules` holds exactly what `bench/node/package-lock.json` names, made in the cache on first use
 * (about 470 MB). No install script runs: the one of onnxruntime-node would download CUDA libraries.
 *
 * @throws Unavailable where there is no npm, or the packages cannot be installed.
 */
export async function prepareNodePackages(progress: Progress): Promise<string> {
  const lock = await readFile(join(manifests, "package-lock.json"));
  const digest = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const folder = join(benchCache(), `node-${digest}`);
  const stamp = join(folder, "complete");
  if (existsSync(stamp)) return folder;
  if (spawnSync("npm", ["--version"], { shell: platform() === "win32" }).status !== 0) {
    throw new Unavailable(`npm does not run: it comes with Node (nodejs.org). ${advice}`);
  }
  progress.tell(`installing packages from npm (470 MB, once) into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) await copyFile(join(manifests, name), join(folder, name));
  await install("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], advice, folder);
  await writeFile(stamp, "");
  return folder;
}
