import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Semaphore } from "../../core/concurrency.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { isGone, sourceMissing, unreadable } from "./file-errors.ts";
import { fileUri, folderUri, isWithin, pathOfUri } from "./file-uri.ts";
import { fileVersion } from "./file-version.ts";
import type { Folder } from "./follow-link.ts";
import { createInclusion } from "./inclusion.ts";
import { isFolderAt } from "./is-folder.ts";
import { type Listing, listFile, listFolder } from "./list-files.ts";
import { isListed } from "./locate.ts";
import { createOwnFiles, type OwnFolder } from "./own-files.ts";
import { readPinned } from "./read-pinned.ts";
import { createScanCache } from "./scan-cache.ts";
import { scanDatabaseFiles } from "./scan-database.ts";

/** Reading more files at once does not make hashing faster: it is bound by the processor or the disk. */
const hashedAtOnce = 4;

export interface DirectorySourceOptions {
  /** Where the scan cache lives (one file may serve many sources). Without one every listing reads every file. */
  readonly cacheFile?: string;
  /** Files and folders to leave out with all that is in them, as the data directory. */
  readonly exclude?: readonly string[];
  /** Its own names are left out, and never opened, wherever that folder lies and under whatever name they are met. */
  readonly own?: OwnFolder;
  /**
   * Files of so many bytes in all are read for their hash, where the cache has none; those after them are listed by an
   * `unreadVersion`. For those who look before they ingest. Default: every file.
   */
  readonly hashBytes?: number;
}

/**
 * A folder with all that is under it, or a single file, as a source. The scope is the URI of the path as it was given,
 * made absolute; symbolic links in it are kept, so that documents keep their identity when the link is pointed elsewhere.
 * The version of a file is the SHA-256 of its bytes.
 * Left out: names that begin with a dot, `node_modules`, what `exclude` names, and whatever is neither file nor folder.
 * @throws `source_not_found` when nothing is at the path, `source_unreadable` when it cannot be read.
 */
export async function createDirectorySource(path: string, options: DirectorySourceOptions = {}): Promise<Source> {
  if (path === "")
    throw new IsthmusError("source_not_found", "The path of the source is empty: name a folder or a file.");
  const root = resolve(path);
  const isFolder = await isFolderAt(root);
  const scope = isFolder ? folderUri(root) : fileUri(root);
  const cacheFiles = options.cacheFile === undefined ? [] : scanDatabaseFiles(resolve(options.cacheFile));
  const inclusion = await createInclusion(root, [...(options.exclude ?? []), ...cacheFiles], options.own);
  const own = createOwnFiles(options.own);
  const cache = createScanCache(options.cacheFile);
  const hashing = new Semaphore(hashedAtOnce);
  let unread = options.hashBytes ?? Number.POSITIVE_INFINITY;
  const mayRead = (bytes: number) => {
    if (bytes > unread) return false;
    unread -= bytes;
    return true;
  };
  const version: Listing["version"] = (file, signal) => fileVersion(file, cache, hashing, signal, mayRead, own);
  const listing: Listing = { inclusion, cache, version };

  const headInFolder = async (file: string): Promise<ObjectRef | undefined> => {
    const folder = await openRoot(root);
    if (!(await isListed(folder, file, inclusion))) return undefined;
    return versionUnlessGone(file);
  };
  const versionUnlessGone = async (file: string): Promise<ObjectRef | undefined> => {
    try {
      return await listing.version(file);
    } catch (thrown) {
      if (isGone(thrown)) return undefined;
      throw unreadable("file", file, thrown);
    }
  };

  return {
    scope,
    async *list(signal) {
      await own.refresh();
      yield* isFolder
        ? listFolder(listing, () => openRoot(root), signal)
        : listFile(listing, root, () => sourceMissing(root), signal);
    },
    async head(uri) {
      const file = pathOfUri(uri);
      if (file === undefined || !isWithin(file, root)) return undefined;
      await own.refresh();
      if (!isFolder) return file === root ? versionUnlessGone(root) : undefined;
      const ref = await headInFolder(file);
      // With the whole folder gone (a drive that was unmounted), nothing can be said of a single file.
      if (ref === undefined) await openRoot(root);
      return ref;
    },
    async *read(ref, signal) {
      const file = pathOfUri(ref.uri);
      if (file === undefined || !isWithin(file, root)) {
        throw new IsthmusError("source_not_found", `${ref.uri} does not belong to the source ${scope}.`);
      }
      try {
        yield* readPinned(file, ref, signal);
      } catch (thrown) {
        // Or else a hash that was damaged in the cache would be believed again and again.
        if (thrown instanceof IsthmusError && thrown.code === "source_changed") cache.forget(file);
        throw thrown;
      }
    },
    async close() {
      cache.close();
    },
  };
}

/** The root as it stands now. */
async function openRoot(path: string): Promise<Folder> {
  try {
    const realPath = await realpath(path);
    if ((await stat(realPath)).isDirectory()) return { path, realPath };
  } catch (thrown) {
    throw isGone(thrown) ? sourceMissing(path, thrown) : unreadable("folder", path, thrown);
  }
  throw sourceMissing(path);
}
