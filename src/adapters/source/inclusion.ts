import { realpath } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { isWithin } from "./file-uri.ts";
import type { OwnFolder } from "./own-files.ts";

/** Which entries of a folder belong to the source. The same rules hold for the listing, for `head` and for the watcher. */
export interface Inclusion {
  /** By name alone: dot files and dot folders (`.git`, `.env`, editors' locks) and `node_modules` are left out. */
  name(name: string): boolean;
  /** By place: false at and under an excluded path, however it is reached. */
  place(path: string, realPath: string): boolean;
}

/**
 * @param exclude files or folders to leave out with all that is in them (the data directory, when it lies inside). One
 *   that holds the whole source is disregarded: naming a folder inside the data directory means to have it read.
 * @param own names of its folder that are left out even then.
 */
export async function createInclusion(root: string, exclude: readonly string[], own?: OwnFolder): Promise<Inclusion> {
  const realRoot = await realOrSame(root);
  const excluded = new Set<string>();
  for (const entry of exclude) {
    const path = resolve(entry);
    const real = await realOrSame(path);
    if (isWithin(root, path) || isWithin(realRoot, real)) continue;
    excluded.add(path).add(real);
  }
  const places = [...excluded];
  const ownFolders = own === undefined ? [] : [resolve(own.directory), await realOrSame(resolve(own.directory))];
  const isOwn = (path: string) => own?.owns(basename(path)) === true && ownFolders.includes(dirname(path));
  return {
    name: (name) => !name.startsWith(".") && name !== "node_modules",
    place: (path, realPath) =>
      !places.some((place) => isWithin(path, place) || isWithin(realPath, place)) && !isOwn(path) && !isOwn(realPath),
  };
}

async function realOrSame(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path; // Not there yet: the data directory is made by the first run.
  }
}
