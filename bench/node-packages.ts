import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { benchCache } from "./cache.ts";
import type { Progress } from "./progress.ts";

const manifests = join(import.meta.dirname, "node");

/**
 * A folder whose `node_modules` holds exactly what `bench/node/package-lock.json` names, made in the cache on first use
 * (about 470 MB). No install script runs: the one of onnxruntime-node would download CUDA libraries.
 */
export async function prepareNodePackages(progress: Progress): Promise<string> {
  const lock = await readFile(join(manifests, "package-lock.json"));
  const digest = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const folder = join(benchCache(), `node-${digest}`);
  const stamp = join(folder, "complete");
  if (existsSync(stamp)) return folder;
  progress.tell(`installing packages from npm into ${folder}, once`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) await copyFile(join(manifests, name), join(folder, name));
  const { status, error } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: platform() === "win32",
  });
  if (status !== 0) {
    const reason = error === undefined ? "" : ` (${error.message})`;
    throw new Error(`npm ci in ${folder} failed${reason}; its message stands above. --no-node leaves this side out.`);
  }
  await writeFile(stamp, "");
  return folder;
}
