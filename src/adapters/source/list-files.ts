import { inBatches, mapInOrder } from "../../core/concurrency.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { ListedObject, ListingFault } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { isGone, quoted, unreadable } from "./file-errors.ts";
import { fileUri } from "./file-uri.ts";
import { type FolderIdentity, folderIdentity, isSameFolder } from "./folder-identity.ts";
import type { Folder } from "./follow-link.ts";
import type { Inclusion } from "./inclusion.ts";
import type { ScanCache } from "./scan-cache.ts";
import { type FoundFile, type FoundFolder, walk } from "./walk.ts";

/**
 * Files looked at in one go. One call at a time would wake a sleeping thread of the system's pool for each: twenty
 * microseconds where a call costs three.
 */
const filesPerBatch = 32;
/** One is looked at while the consumer takes the other; bounds what is held for one that is slow. */
const batchesInFlight = 2;

/** What a listing works with. */
export interface Listing {
  readonly inclusion: Inclusion;
  readonly cache: ScanCache;
  /** See `fileVersion`. */
  readonly version: (path: string, signal?: AbortSignal) => Promise<ObjectRef | undefined>;
}

type Listed = ListedObject | ListingFault;
type Found = FoundFile | FoundFolder | ListingFault;

/**
 * Every file under the folder, hashed a few at a time and only as the consumer takes them.
 * @throws whatever `openRoot` throws, `source_unavailable` when the folder was swapped meanwhile, `cancelled`.
 */
export async function* listFolder(
  listing: Listing,
  openRoot: () => Promise<Folder>,
  signal?: AbortSignal,
): AsyncGenerator<Listed> {
  const root = await openRoot();
  const identity = await identityOf(root);
  const stopped = new AbortController();
  const either = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal]);
  const sweep = listing.cache.beginSweep();
  const look = async (found: Found) => {
    if (found.kind === "file") return listOne(listing, found.path, either);
    return found.kind === "fault" ? found : undefined;
  };
  const batches = inBatches(walk(root, listing.inclusion, signal), filesPerBatch);
  const results = mapInOrder(batches, batchesInFlight, (batch) => Promise.all(batch.map(look)));
  let whole = true;
  try {
    for (let next = await results.next(); next.done !== true; next = await results.next()) {
      for (const listed of next.value) {
        if (listed === undefined) continue;
        if (listed.kind === "fault") whole = false;
        yield listed;
      }
    }
    // Files that vanish with their folder are just not listed: without this, all would count as deleted.
    if (!isSameFolder(await identityOf(await openRoot()), identity)) throw swapped(root.path);
    if (whole) sweep.finish(root.path);
  } finally {
    stopped.abort();
    await results.return(undefined);
    sweep.end();
  }
}

/** A source that is one file: that file. */
export async function* listFile(
  listing: Listing,
  path: string,
  missing: () => IsthmusError,
  signal?: AbortSignal,
): AsyncGenerator<Listed> {
  const listed = await listOne(listing, path, signal);
  if (listed === undefined) throw missing();
  yield listed;
}

/** Undefined when the file is gone. */
async function listOne(listing: Listing, path: string, signal?: AbortSignal): Promise<Listed | undefined> {
  try {
    const ref = await listing.version(path, signal);
    return ref === undefined ? undefined : { kind: "object", ref };
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    if (thrown instanceof IsthmusError && thrown.fatal) throw thrown;
    const error = thrown instanceof IsthmusError ? thrown : unreadable("file", path, thrown);
    return { kind: "fault", uri: fileUri(path), error };
  }
}

async function identityOf(folder: Folder): Promise<FolderIdentity | undefined> {
  try {
    return await folderIdentity(folder.realPath);
  } catch (thrown) {
    throw unreadable("folder", folder.path, thrown);
  }
}

function swapped(path: string): IsthmusError {
  return new IsthmusError(
    "source_unavailable",
    `The folder ${quoted(path)} was replaced by another while it was listed: run again.`,
  );
}
