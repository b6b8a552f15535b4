import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface BundledFile {
  /** Relative to the bundle, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
}

/** Every file of a bundle, sorted by path. */
export async function contentsOf(folder: string): Promise<BundledFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const sized = await Promise.all(
    files.map(async (file) => ({
      path: relative(folder, file).split(sep).join("/"),
      bytes: (await stat(file)).size,
    })),
  );
  return sized.sort((left, right) => (left.path < right.path ? -1 : 1));
}

export function bytesOf(files: readonly BundledFile[]): number {
  return files.reduce((total, file) => total + file.bytes, 0);
}
