import { dirname } from "node:path";
import { toIsthmusError } from "../../core/errors.ts";
import { createChangeHints } from "./change-hints.ts";
import { identityNow, isSameFolder } from "./folder-identity.ts";
import { createInclusion } from "./inclusion.ts";
import { isFolderAt } from "./is-folder.ts";
import { createQuietTimer } from "./quiet-timer.ts";
import { systemBackend } from "./system-backend.ts";
import { isWatchLimit, watchFailure, watchLost } from "./watch-failure.ts";
import type { SourceWatch, WatchListener, WatchOptions } from "./watch-types.ts";

const urisPerCall = 500;

/** The watch behind `watchSource`. @throws `source_not_found`, `source_unreadable`. */
export async function openWatch(root: string, listener: WatchListener, options: WatchOptions): Promise<SourceWatch> {
  const isFolder = await isFolderAt(root);
  const target = { path: root, isFolder, inclusion: await createInclusion(root, options.exclude ?? [], options.own) };
  const folder = isFolder ? root : dirname(root);
  const hints = createChangeHints();
  const timing = { quietMs: options.quietMs ?? 200, longestMs: options.longestMs ?? 2000 };
  let identity = await identityNow(folder);
  let rescan: string | undefined;
  let rescanning: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let closed = false;
  let turn = Promise.resolve();

  /** Looking and telling wait for one another. A listener that throws is told of it. */
  const inTurn = (work: () => Promise<void>) => {
    turn = turn.then(async () => {
      try {
        if (!closed) await work();
      } catch (thrown) {
        listener.onError(toIsthmusError(thrown));
      }
    });
    return turn;
  };
  const quiet = createQuietTimer(timing, () => void inTurn(tell));
  const askForRescan = (reason: string) => {
    if (closed) return;
    rescan = reason;
    quiet.touch();
  };

  function impaired(thrown: unknown): void {
    if (closed) return;
    if (isWatchLimit(thrown)) {
      if (rescanning !== undefined) return; // The limit is met again for each file beyond it.
      const again = () => askForRescan("Not everything can be watched, so all is scanned now and then.");
      rescanning = setInterval(again, options.rescanMs ?? 30_000);
    }
    listener.onError(watchFailure(root, thrown));
    askForRescan("Watching failed in part, so changes may have been missed.");
  }

  function begin() {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const watching = (options.backend ?? systemBackend)(target, {
      touched(path) {
        if (closed) return;
        hints.add(path);
        quiet.touch();
      },
      lost: askForRescan,
      error: impaired,
      ready: resolve,
    });
    const close = () => {
      resolve();
      watching.close();
    };
    return { ready, close };
  }
  let session = begin();

  /** Sees whether the folder is still the one that is watched. */
  async function look(): Promise<void> {
    const before = identity;
    identity = await identityNow(folder);
    if (isSameFolder(before, identity)) return;
    session.close();
    hints.forget();
    if (identity === undefined) {
      listener.onError(watchLost(folder));
    } else if (!closed) {
      const begun = begin();
      session = begun;
      const reason = before === undefined ? "The watched folder is back." : "The watched folder was replaced.";
      // Not awaited: were the folder to go again meanwhile, nobody would see it.
      void begun.ready.then(() => {
        if (session === begun) askForRescan(reason);
      });
    }
  }

  async function tell(): Promise<void> {
    await look();
    if (identity === undefined) return;
    const uris = await hints.take();
    const reason = rescan;
    rescan = undefined;
    if (closed) return;
    if (reason !== undefined) return listener.onRescan(reason);
    if (uris === undefined) return listener.onRescan("Too much has changed to tell it file by file.");
    for (let from = 0; from < uris.length; from += urisPerCall) listener.onChange(uris.slice(from, from + urisPerCall));
  }

  function lookLater(): void {
    if (closed) return;
    looking = setTimeout(() => void inTurn(look).then(lookLater), options.checkMs ?? 1000);
  }
  lookLater();

  return {
    ready: session.ready,
    async close() {
      closed = true;
      quiet.stop();
      clearTimeout(looking);
      clearInterval(rescanning);
      session.close();
      await turn;
      session.close(); // A turn under way may have begun another.
    },
  };
}
