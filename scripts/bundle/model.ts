import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../run.ts";

/** The model that ships, where the program looks for it: in a folder `models` beside or above it. */
export async function copyModel(folder: string): Promise<void> {
  const model = "models/all-MiniLM-L6-v2";
  await mkdir(join(folder, "models"), { recursive: true });
  await cp(join(root, model), join(folder, model), { recursive: true });
}
