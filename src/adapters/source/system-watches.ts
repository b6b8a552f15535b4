import { type FSWatcher, watch } from "node:fs";
import { isDenied, isGone } from "./file-errors.ts";
import type { BackendEvents } from "./watch-backend.ts";

export type WatchHearer = (event: string, name: string | null) => void;

/** The system's watches of one watched source, by path. */
export interface SystemWatches {
  /** Watches a file or folder, anew if it is watched already. */
  set(path: string, hear: WatchHearer, recursive?: boolean): void;
  remove(path: string): void;
  close(): void;
}

/** @param events hears of failures, but not of what is gone (the folder above tells) or unreadable (the listing does). */
export function createSystemWatches(events: Pick<BackendEvents, "error">): SystemWatches {
  const watchers = new Map<string, FSWatcher>();
  let closed = false;

  const fail = (thrown: unknown) => {
    // Windows says EPERM of a watched folder that is removed.
    if (!closed && !isGone(thrown) && !isDenied(thrown)) events.error(thrown);
  };
  const remove = (path: string) => {
    watchers.get(path)?.close();
    watchers.delete(path);
  };

  return {
    set(path, hear, recursive = false) {
      remove(path);
      if (closed) return;
      try {
        const watcher = watch(path, { recursive }, (event, name) => {
          if (!closed) hear(event, name);
        });
        watcher.on("error", fail);
        watchers.set(path, watcher);
      } catch (thrown) {
        fail(thrown);
      }
    },
    remove,
    close() {
      closed = true;
      for (const path of watchers.keys()) remove(path);
    },
  };
}

/**
 * Watches the file that a link leads to: it may lie outside of all watched folders. Once it has been replaced, the
 * watch is on a file that is gone, and another is needed.
 */
export function watchLinked(watches: SystemWatches, path: string, touched: (path: string) => void): void {
  watches.set(path, (event) => {
    touched(path);
    if (event === "rename") watchLinked(watches, path, touched);
  });
}
