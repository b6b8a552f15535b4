import { stat } from "node:fs/promises";
import { IsthmusError } from "../../core/errors.ts";
import { isGone, quoted, sourceMissing, unreadable } from "./file-errors.ts";

/**
 * Whether a source's path is a folder, or a single file.
 * @throws `source_not_found`, `source_unreadable` (also for what is neither).
 */
export async function isFolderAt(path: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory() || stats.isFile()) return stats.isDirectory();
  } catch (thrown) {
    throw isGone(thrown) ? sourceMissing(path, thrown) : unreadable("folder", path, thrown);
  }
  throw new IsthmusError("source_unreadable", `${quoted(path)} is neither a file nor a folder: name one of them.`);
}
