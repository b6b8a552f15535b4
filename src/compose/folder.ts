import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder with its parents, one by one: Node's own recursive way never ends where the system answers ENOENT for a
 * name it will not have, as Linux does under /proc.
 *
 * @throws the system's error; one with the code ENOTDIR where a file is in the way.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await look(folder);
    if (found === "folder") break;
    if (found === "file") throw Object.assign(new Error(`${folder} is a file`), { code: "ENOTDIR" });
    missing.push(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of missing.reverse()) {
    try {
      await mkdir(folder);
    } catch (error) {
      // Another process may have been first.
      if ((await look(folder)) !== "folder") throw error;
    }
  }
}

async function look(path: string): Promise<"folder" | "file" | "nothing"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    // ENOTDIR: a file lies further up, and is met there.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return "nothing";
    throw error;
  }
}
