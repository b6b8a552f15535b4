import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../run.ts";

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/**
 * The licences of the packages whose code is in the bundle, which their copies must carry.
 *
 * @param packages folders relative to the root, as `node_modules/hono`.
 */
export async function writeLicences(packages: readonly string[], folder: string): Promise<void> {
  const texts = await Promise.all(packages.map(licenceOf));
  await writeFile(join(folder, "THIRD-PARTY-LICENCES.txt"), texts.join("\n\n"));
}

async function licenceOf(packageFolder: string): Promise<string> {
  const folder = join(root, packageFolder);
  const manifest = join(folder, "package.json");
  const { name, version, license }: Record<string, unknown> = existsSync(manifest)
    ? JSON.parse(await readFile(manifest, "utf8"))
    : {};
  const files = (await readdir(folder)).filter((file) => licenceFile.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return [`${name} ${version} (${license})`, ...texts].join("\n\n").trim();
}
