import { lstat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isGone, unreadable } from "./file-errors.ts";
import { isWithin } from "./file-uri.ts";
import { type Folder, followLink, type LinkTarget } from "./follow-link.ts";
import type { Inclusion } from "./inclusion.ts";

/** What is at a path, and the folders that lead there, the root first. */
export interface Located {
  readonly place: LinkTarget;
  readonly above: readonly Folder[];
}

/**
 * What a walk from the root would meet at `path`, found without walking: down the path's own folders, by the same rules.
 * What the walk would not come to is nothing.
 */
export async function locate(root: Folder, path: string, inclusion: Inclusion): Promise<Located> {
  const above: Folder[] = [];
  let place: LinkTarget = { kind: "folder", folder: root };
  if (!isWithin(path, root.path)) return { place: { kind: "nothing" }, above };
  const names = relative(root.path, path).split(sep);
  for (const name of names[0] === "" ? [] : names) {
    if (place.kind === "broken") return { place, above };
    if (place.kind !== "folder" || !inclusion.name(name)) return { place: { kind: "nothing" }, above };
    const parent: Folder = place.folder;
    above.push(parent);
    place = await placeAt(join(parent.path, name), join(parent.realPath, name), above, inclusion);
  }
  return { place, above };
}

/**
 * Whether a walk from the root would list a file at `path`.
 * @throws `source_unreadable`, `source_unavailable` where that cannot be told (no permission, a link to nothing).
 */
export async function isListed(root: Folder, path: string, inclusion: Inclusion): Promise<boolean> {
  const { place } = await locate(root, path, inclusion);
  if (place.kind === "broken") throw place.error;
  return place.kind === "file";
}

async function placeAt(
  path: string,
  realPath: string,
  above: readonly Folder[],
  inclusion: Inclusion,
): Promise<LinkTarget> {
  try {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return await followLink(path, above, inclusion);
    if (!inclusion.place(path, realPath)) return { kind: "nothing" };
    if (stats.isFile()) return { kind: "file" };
    return stats.isDirectory() ? { kind: "folder", folder: { path, realPath } } : { kind: "nothing" };
  } catch (thrown) {
    if (isGone(thrown)) return { kind: "nothing" };
    return { kind: "broken", error: unreadable("file", path, thrown) };
  }
}
