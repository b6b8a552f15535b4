import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "../run.ts";
import type { Architecture } from "./architecture.ts";

/**
 * Copies the vector extension of SQLite (0.2 MB), which only a trial run without Weaviate needs.
 *
 * @returns false where npm has not installed it: it installs the one of its own machine's architecture alone.
 */
export async function copySqliteVec(architecture: Architecture, folder: string): Promise<boolean> {
  const place = `node_modules/sqlite-vec-linux-${architecture}`;
  if (!existsSync(join(root, place))) return false;
  await mkdir(dirname(join(folder, place)), { recursive: true });
  await cp(join(root, place), join(folder, place), { recursive: true });
  return true;
}
