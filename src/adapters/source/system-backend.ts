import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { isDenied, isGone } from "./file-errors.ts";
import { isWithin } from "./file-uri.ts";
import { type FolderIdentity, identityNow, isCertainlySame } from "./folder-identity.ts";
import type { Folder } from "./follow-link.ts";
import { locate } from "./locate.ts";
import { createSystemWatches, watchLinked } from "./system-watches.ts";
import { walk } from "./walk.ts";
import type { BackendEvents, BackendTarget, WatchBackend } from "./watch-backend.ts";

/** Elsewhere one watch on the root tells of all that is under it; Linux wants one for each folder (and none for a file). */
const oneForEachFolder = process.platform !== "darwin" && process.platform !== "win32";

/**
 * Watches by the system's own means, and holds in memory the folders alone. (A watch on each file as well, as the usual
 * libraries have it, costs some ten kilobytes a file, and the system's limit of watches is soon reached.)
 */
export const systemBackend: WatchBackend = (target, events) =>
  target.isFolder ? watchFolder(target, events) : watchFile(target.path, events);

/** An editor that saves puts a new file in the place of the old one: so it is the folder around it that is watched. */
function watchFile(path: string, events: BackendEvents): { close(): void } {
  const watches = createSystemWatches(events);
  watches.set(dirname(path), (_event, name) => {
    if (name === null || name === basename(path)) events.touched(path);
  });
  const start = async () => {
    if ((await lstat(path)).isSymbolicLink()) watchLinked(watches, path, events.touched);
  };
  start()
    .catch(() => {}) // Gone again: the folder tells when it is back.
    .finally(() => events.ready());
  return watches;
}

function watchFolder({ path: top, inclusion }: BackendTarget, events: BackendEvents): { close(): void } {
  const watches = createSystemWatches(events);
  /** By path, as each was when its watch was set. */
  const folders = new Map<string, FolderIdentity | undefined>();
  const unexplored = new Set<string>();
  let exploring = false;
  let closed = false;

  const hear = (folder: string) => (event: string, name: string | null) => {
    if (name === null) return events.lost("The system did not say what had changed.");
    const path = join(folder, name);
    if (!relative(top, path).split(sep).every(inclusion.name) || !inclusion.place(path, path)) return;
    if (event !== "rename") {
      if (!folders.has(path)) events.touched(path);
      return;
    }
    // Something came or went. If it is a file, that is all there is to know.
    events.touched(path);
    unexplored.add(path);
    if (!exploring) void explore();
  };

  const fail = (thrown: unknown) => {
    // Gone or closed to us with the root itself: that is for others to tell, as in `createSystemWatches`.
    if (!closed && !isGone(thrown) && !isDenied(thrown)) events.error(thrown);
  };

  async function explore(): Promise<void> {
    exploring = true;
    for (const path of unexplored) {
      unexplored.delete(path);
      try {
        if (!closed) await exploreAt(path);
      } catch (thrown) {
        fail(thrown);
      }
    }
    exploring = false;
  }

  async function exploreAt(path: string): Promise<void> {
    if (!folders.has(path)) watches.remove(path);
    // The walk through the folder around it may have found it before its coming was heard: it is watched already.
    else if (!isCertainlySame(folders.get(path), await identityNow(path))) {
      for (const each of folders.keys()) {
        if (!isWithin(each, path)) continue;
        folders.delete(each);
        watches.remove(each);
      }
      events.lost("A folder was moved, removed or replaced.");
    }
    if (await isPlainFile(path)) return;
    const { place, above } = await locate(await rootOf(top), path, inclusion);
    if (place.kind === "file") watchLinked(watches, path, events.touched);
    else if (place.kind === "folder") await add(place.folder, above, (file) => events.touched(file));
  }

  /** Watches a folder with all that is under it, and tells of the files there: they may have come before the watch. */
  async function add(folder: Folder, above: readonly Folder[], tell: (file: string) => void): Promise<void> {
    for await (const found of walk(folder, inclusion, undefined, above)) {
      if (closed) return;
      if (found.kind === "folder") {
        const { path } = found.folder;
        // Before the watch is set: a folder that takes its place in between is then seen to be another.
        const identity = await identityNow(path);
        // A watch that stands is kept, for setting it anew drops what waits to be heard.
        if (isCertainlySame(folders.get(path), identity)) continue;
        folders.set(path, identity);
        if (oneForEachFolder || !isInPlace(found.folder)) watches.set(path, hear(path));
      } else if (found.kind === "file") {
        if (found.linked) watchLinked(watches, found.path, events.touched);
        tell(found.path);
      }
    }
  }

  let realTop = top;
  /** Whether the watch on the root tells of it: not if a link led there. */
  const isInPlace = (folder: Folder) => folder.realPath === join(realTop, relative(top, folder.path));

  async function start(): Promise<void> {
    const root = await rootOf(top);
    realTop = root.realPath;
    if (!oneForEachFolder) watches.set(top, hear(top), true);
    await add(root, [], () => {});
  }
  start()
    .catch(fail)
    .finally(() => events.ready());

  return {
    close() {
      closed = true;
      watches.close();
    },
  };
}

async function rootOf(path: string): Promise<Folder> {
  return { path, realPath: await realpath(path) };
}

async function isPlainFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch {
    return false;
  }
}
