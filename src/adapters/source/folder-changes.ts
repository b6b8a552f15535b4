import type { IsthmusError } from "../../core/errors.ts";
import type { Change, Changes, Rescan } from "../../core/ports.ts";
import { createHintBacklog } from "./hint-backlog.ts";
import { watchSource } from "./watch.ts";
import type { WatchOptions } from "./watch-types.ts";

/** Told and not ended; the backlog holds as many again, and turns what is more into one scan. */
const unsettled = 10_000;
/** A change that may go better later is told so often in all: after that the failure that is recorded speaks for it. */
const mostDeliveries = 5;
const firstDelayMs = 1_000;

export interface FolderChanges extends Changes {
  /** As of `watchSource`. */
  readonly ready: Promise<void>;
}

/**
 * The changes of the folder or file that `createDirectorySource` reads. They are heard from the call on, and wait for their
 * listener: each URI once, and too many become one scan.
 *
 * @param onError watching is impaired, or has stopped until the folder is back.
 */
export function createFolderChanges(
  path: string,
  onError: (error: IsthmusError) => void,
  options: WatchOptions = {},
): FolderChanges {
  const backlog = createHintBacklog();
  const delays = new Set<NodeJS.Timeout>();
  let open = 0;
  let closed = false;
  let wake = Promise.withResolvers<void>();
  const heard = () => wake.resolve();
  const watching = watchSource(
    path,
    {
      onChange(uris) {
        backlog.add(uris);
        heard();
      },
      onRescan(reason) {
        backlog.addRescan(reason);
        heard();
      },
      onError,
    },
    options,
  );

  /** Counts as one that is told, until it ends; once only. */
  const ending = (again: () => void) => {
    open++;
    let ended = false;
    const end = (work: () => void) => () => {
      if (ended) return;
      ended = true;
      open--;
      if (!closed) work();
      heard();
    };
    return { done: end(() => {}), again: end(again) };
  };
  const later = (delivery: number, work: () => void) => {
    const timer = setTimeout(
      () => {
        delays.delete(timer);
        work();
        heard();
      },
      firstDelayMs * 2 ** (delivery - 1),
    );
    delays.add(timer);
  };
  const change = (uri: string, delivery: number): Change => ({
    kind: "change",
    uri,
    reindex: true,
    delivery,
    at: new Date().toISOString(),
    ...ending(() => {
      if (delivery < mostDeliveries) later(delivery, () => backlog.add([uri], delivery));
    }),
  });

  async function* listen(signal: AbortSignal): AsyncGenerator<Change | Rescan> {
    signal.addEventListener("abort", heard);
    try {
      while (!closed && !signal.aborted) {
        wake = Promise.withResolvers();
        const work = open < unsettled ? backlog.take() : undefined;
        if (work === undefined) await wake.promise;
        else if (work.kind === "rescan") {
          yield { ...work, ...ending(() => later(1, () => backlog.addRescan(work.reason))) };
        } else for (const [uri, told] of work.uris) yield change(uri, told + 1);
      }
    } finally {
      signal.removeEventListener("abort", heard);
    }
  }

  return {
    ready: watching.ready,
    limits: { unsettled },
    listen,
    async close() {
      closed = true;
      heard();
      for (const timer of delays) clearTimeout(timer);
      await watching.close();
    },
  };
}
