import { stat } from "node:fs/promises";
import { fileUri } from "./file-uri.ts";

/** With more than this the list is of no use: scanning everything again is cheaper, and holds less in memory. */
const mostPaths = 10_000;
/** The system drops events without a word when twice as many wait unheard (Linux: fs.inotify.max_queued_events). */
const mostEventsAtOnce = 8_000;

/** What a watcher has heard of since it was last asked. */
export interface ChangeHints {
  add(path: string): void;
  /** The URIs of the paths that are no folders; undefined when they are too many, or some may be missing. Forgets them. */
  take(): Promise<string[] | undefined>;
  forget(): void;
}

export function createChangeHints(): ChangeHints {
  let paths = new Set<string>();
  let overflowed = false;
  let atOnce = 0;
  const forget = () => {
    paths = new Set();
    overflowed = false;
  };
  return {
    add(path) {
      // What has been waiting is heard in one turn of the event loop.
      if (atOnce++ === 0) setImmediate(() => (atOnce = 0));
      paths.add(path);
      if (paths.size <= mostPaths && atOnce <= mostEventsAtOnce) return;
      forget();
      overflowed = true;
    },
    forget,
    async take() {
      const heard = { paths, overflowed };
      forget();
      if (heard.overflowed) return undefined;
      const uris: string[] = [];
      for (const path of heard.paths) if (!(await isFolderAt(path))) uris.push(fileUri(path));
      return uris;
    },
  };
}

async function isFolderAt(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // Gone, and as a file for all we know.
  }
}
