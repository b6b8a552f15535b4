import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../run.ts";

/** Says that the bundle's files are modules, and of which version it is. */
export async function writeManifest(folder: string): Promise<void> {
  const { name, version, license }: Record<string, unknown> = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const manifest = { name, version, license, private: true, type: "module" };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
