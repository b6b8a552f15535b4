import type { Dir, Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { ListingFault } from "../../core/ports.ts";
import { isGone, throwIfCancelled, unreadable } from "./file-errors.ts";
import { folderUri } from "./file-uri.ts";
import { type Folder, followLink, type LinkTarget } from "./follow-link.ts";
import { foreignNames, isForeign } from "./foreign-names.ts";
import type { Inclusion } from "./inclusion.ts";

export interface FoundFile {
  readonly kind: "file";
  readonly path: string;
  /** Reached by a symbolic link of its own. */
  readonly linked: boolean;
}

export interface FoundFolder {
  readonly kind: "folder";
  readonly folder: Folder;
}

interface OpenFolder extends Folder {
  readonly entries: Dir;
  /** Set once a name may not be UTF-8: those of such names that are real and not yet met. */
  foreign?: Set<string>;
}

const entriesPerRead = 256;

/**
 * Every included file and folder from the root on, depth first, with one open folder a level: memory stays flat whatever
 * the number of files. A folder is yielded before its entries are read, so that a watch set on it then misses none. A
 * part that cannot be read is a fault; what vanishes on the way is not listed.
 * @param outer the folders that led to the root, for links back to them.
 * @throws `source_unreadable` or `source_unavailable` for the root itself, `cancelled`.
 */
export async function* walk(
  root: Folder,
  inclusion: Inclusion,
  signal?: AbortSignal,
  outer: readonly Folder[] = [],
): AsyncGenerator<FoundFile | FoundFolder | ListingFault> {
  throwIfCancelled(signal);
  const open: OpenFolder[] = [await openRoot(root)];
  try {
    yield { kind: "folder", folder: root };
    for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
      throwIfCancelled(signal);
      const entry = await nextEntry(current);
      if (entry === undefined || "kind" in entry) {
        open.pop();
        await current.entries.close();
        if (entry !== undefined) yield entry;
        continue;
      }
      if (!inclusion.name(entry.name)) continue;
      if (isForeign(entry.name)) {
        const faults = current.foreign === undefined ? await noteForeignNames(current) : [];
        yield* faults;
        if (current.foreign?.delete(entry.name) !== true) continue;
      }
      const path = join(current.path, entry.name);
      const place = await placeOf(entry, path, current, () => [...outer, ...open], inclusion);
      if (place.kind === "file") yield { kind: "file", path, linked: entry.isSymbolicLink() };
      else if (place.kind === "broken") yield { kind: "fault", uri: folderUri(path), error: place.error };
      else if (place.kind === "folder") {
        const inner = await enter(place.folder);
        if (inner !== undefined && "kind" in inner) yield inner;
        else if (inner !== undefined) {
          open.push(inner);
          yield { kind: "folder", folder: place.folder };
        }
      }
    }
  } finally {
    await Promise.all(open.map((folder) => folder.entries.close()));
  }
}

async function openRoot(root: Folder): Promise<OpenFolder> {
  try {
    return await openFolder(root);
  } catch (thrown) {
    throw unreadable("folder", root.path, thrown);
  }
}

async function openFolder(folder: Folder): Promise<OpenFolder> {
  return { ...folder, entries: await opendir(folder.path, { bufferSize: entriesPerRead }) };
}

/** Undefined at the end of the folder. */
async function nextEntry(folder: OpenFolder): Promise<Dirent | ListingFault | undefined> {
  try {
    return (await folder.entries.read()) ?? undefined;
  } catch (thrown) {
    return folderFault(folder, thrown);
  }
}

/** Undefined when the folder is gone by now. */
async function enter(folder: Folder): Promise<OpenFolder | ListingFault | undefined> {
  try {
    return await openFolder(folder);
  } catch (thrown) {
    return isGone(thrown) ? undefined : folderFault(folder, thrown);
  }
}

/** Leaves the folder's real names of that kind in `foreign`. */
async function noteForeignNames(folder: OpenFolder): Promise<readonly ListingFault[]> {
  try {
    const { valid, faults } = await foreignNames(folder.path);
    folder.foreign = new Set(valid);
    return faults;
  } catch (thrown) {
    folder.foreign = new Set();
    return isGone(thrown) ? [] : [folderFault(folder, thrown)];
  }
}

function folderFault(folder: Folder, thrown: unknown): ListingFault {
  return { kind: "fault", uri: folderUri(folder.path), error: unreadable("folder", folder.path, thrown) };
}

async function placeOf(
  entry: Dirent,
  path: string,
  folder: Folder,
  above: () => readonly Folder[],
  inclusion: Inclusion,
): Promise<LinkTarget> {
  if (entry.isSymbolicLink()) return followLink(path, above(), inclusion);
  if (!entry.isFile() && !entry.isDirectory()) return { kind: "nothing" };
  const realPath = join(folder.realPath, entry.name);
  if (!inclusion.place(path, realPath)) return { kind: "nothing" };
  return entry.isFile() ? { kind: "file" } : { kind: "folder", folder: { path, realPath } };
}
