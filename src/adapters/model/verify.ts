import { join } from "node:path";
import { IsthmusError } from "../../core/errors.ts";
import { sha256OfFile } from "./checksums.ts";
import { damaged, openModelFolder, unreadable } from "./folder.ts";

/**
 * Checks every file of a model folder against its checksum, streaming.
 * @returns the files that were checked.
 * @throws `model_missing`, `model_damaged`, each naming the file.
 */
export async function verifyModel(directory: string, signal?: AbortSignal): Promise<readonly string[]> {
  const { checksums } = await openModelFolder(directory);
  for (const [file, expected] of checksums) {
    const actual = await sha256OfFile(join(directory, file), signal).catch((cause: unknown) => {
      if (signal?.aborted) throw new IsthmusError("cancelled", "Checking the model was cancelled.", { cause });
      throw unreadable(directory, file, cause);
    });
    if (actual !== expected) throw damaged(directory, file);
  }
  return [...checksums.keys()];
}
