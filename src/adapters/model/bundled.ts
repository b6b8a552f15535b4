import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { IsthmusError } from "../../core/errors.ts";
import { CHECKSUM_FILE } from "./checksums.ts";

/** Where the model that ships lies, in the checkout (`src/`) as in the package (`dist/`). @throws `model_missing` */
export function bundledModelDirectory(): string {
  const inPackage = join("models", "all-MiniLM-L6-v2");
  const here = dirname(fileURLToPath(import.meta.url));
  // Walks up instead of counting folders: src/adapters/model, dist/adapters/model and a single bundled file differ in depth.
  for (let directory = here; ; directory = dirname(directory)) {
    const candidate = join(directory, inPackage);
    if (existsSync(join(candidate, CHECKSUM_FILE))) return candidate;
    if (dirname(directory) === directory) break;
  }
  throw new IsthmusError(
    "model_missing",
    `No ${inPackage} above ${here}. Reinstall the package or clone the repository again.`,
  );
}

/** What the bundled folder does not say itself: its name, and that it was trained on 256 tokens at most. */
export const BUNDLED_MODEL = { name: "sentence-transformers/all-MiniLM-L6-v2", maxTokens: 256 };

/** True for the folder of the model that ships. */
export function isBundledModel(directory: string): boolean {
  try {
    return realpathSync(directory) === realpathSync(bundledModelDirectory());
  } catch {
    return false;
  }
}
