import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder for the length of `body`. */
export async function withScratch<Result>(body: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-bench-"));
  // Gigabytes may stand there when somebody has seen enough.
  const removeInAHurry = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.once("exit", removeInAHurry);
  try {
    return await body(folder);
  } finally {
    process.off("exit", removeInAHurry);
    // A process that was stopped a moment ago may still write there (on Windows it holds the files).
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
