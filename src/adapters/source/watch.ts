import { resolve } from "node:path";
import { openWatch } from "./open-watch.ts";
import type { SourceWatch, WatchListener, WatchOptions } from "./watch-types.ts";

/**
 * Watches the folder or file that `createDirectorySource` reads, by the same rules. When the folder goes away that is an
 * error and no change (an unmounted drive must not empty the index); once it is back it is watched again and a rescan is
 * asked for. Keeps the process alive until closed.
 */
export function watchSource(path: string, listener: WatchListener, options: WatchOptions = {}): SourceWatch {
  const opening = openWatch(resolve(path), listener, options);
  const ready = opening.then((watch) => watch.ready);
  ready.catch(() => {}); // Whoever does not ask for it is not to die of it.
  return {
    ready,
    async close() {
      const watch = await opening.catch(() => undefined);
      await watch?.close();
    },
  };
}
