import { lstat, realpath, stat } from "node:fs/promises";
import { IsthmusError } from "../../core/errors.ts";
import { isGone, quoted, systemCode, unreadable } from "./file-errors.ts";
import { isWithin } from "./file-uri.ts";
import type { Inclusion } from "./inclusion.ts";

/** A folder on the way down: where it was met, and where it really is. */
export interface Folder {
  readonly path: string;
  readonly realPath: string;
}

export type LinkTarget =
  | { readonly kind: "file" }
  | { readonly kind: "folder"; readonly folder: Folder }
  /** Nothing to list: gone, excluded, a loop, or neither file nor folder (a pipe is never opened: that would block). */
  | { readonly kind: "nothing" }
  | { readonly kind: "broken"; readonly error: IsthmusError };

const nothing: LinkTarget = { kind: "nothing" };

/**
 * Where a symbolic link leads. A folder counts unless it is, or holds, one of the folders that led to the link: going on
 * would come back to the same files for ever.
 */
export async function followLink(path: string, above: readonly Folder[], inclusion: Inclusion): Promise<LinkTarget> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() && !stats.isDirectory()) return nothing;
    const realPath = await realpath(path);
    if (!inclusion.place(path, realPath)) return nothing;
    if (stats.isFile()) return { kind: "file" };
    if (above.some((folder) => isWithin(folder.realPath, realPath))) return nothing;
    return { kind: "folder", folder: { path, realPath } };
  } catch (thrown) {
    if (!isGone(thrown)) return { kind: "broken", error: unreadable("file", path, thrown) };
    if (await hasVanished(path)) return nothing;
    const error = new IsthmusError(
      "source_unreadable",
      `The symbolic link ${quoted(path)} leads to nothing: mount or restore its target, or remove the link.`,
      { cause: thrown },
    );
    return { kind: "broken", error };
  }
}

async function hasVanished(link: string): Promise<boolean> {
  try {
    await lstat(link);
    return false;
  } catch (thrown) {
    return systemCode(thrown) === "ENOENT";
  }
}
