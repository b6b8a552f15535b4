import { watchLocation } from "../../compose/folder-watch.ts";
import type { IngestEngine } from "../../compose/ingest-engine.ts";
import { isBucketLocation } from "../../compose/source.ts";
import { parseQueue, type Queue } from "../../config/events.ts";
import type { Environment } from "../../config/read.ts";
import type { Settings } from "../../config/settings.ts";
import { Semaphore } from "../../core/concurrency.ts";
import { IsthmusError, toIsthmusError } from "../../core/errors.ts";
import { type FollowListener, follow, type LotOptions } from "../../core/ingest/follow.ts";
import type { Hinted } from "../../core/ingest/hints.ts";
import type { IngestEvent, IngestSummary } from "../../core/ingest-types.ts";
import type { Changes } from "../../core/ports.ts";
import type { Activity } from "../activity.ts";
import { type Output, readable, summaryLine, visible } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import type { Place } from "./places.ts";

export interface Watching {
  /** The first scan is through: what waited is looked at now, and what comes is looked at as it comes. */
  begin(): void;
  /** What still waits is dropped; what is in hand is awaited. */
  close(): Promise<void>;
}

interface Watched {
  readonly place: Place;
  readonly changes: Changes;
  /** What is told from now on is heard, or waits where it is told. */
  readonly ready: Promise<void>;
  /** A bucket's notifications: others may follow the same, and each is judged by itself. */
  readonly shared: boolean;
}

/**
 * Where the changes of a watched bucket are told; undefined where no location is a bucket.
 *
 * @throws `config_invalid` for two buckets, since what one does not take of a subscription the other never sees, and where no
 * subscription is named.
 */
export function queueOf(locations: readonly string[], environment: Environment): Queue | undefined {
  const [bucket, other] = new Set(locations.filter(isBucketLocation));
  if (bucket === undefined) return undefined;
  if (other === undefined) return parseQueue(environment, bucket);
  const text = `${bucket} and ${other} cannot be watched by one command: it follows one subscription. Start a second one, or leave out --watch.`;
  throw new IsthmusError("config_invalid", text);
}

/**
 * Keeps the index true to the places: hints are gathered, and each lot is one small run, a folder's one after the other. Resolves
 * when every place is watched, so that a scan begun then misses nothing; hints wait until `begin`.
 *
 * @param queue of the place that is a bucket, if there is one.
 */
export async function watch(
  engine: Pick<IngestEngine, "ingest" | "refresh">,
  places: readonly Place[],
  settings: Settings,
  queue: Queue | undefined,
  output: Output,
  signal: AbortSignal,
  activity?: Activity,
): Promise<Watching> {
  const stopping = new AbortController();
  // Places may overlap, and one writer writes for all of them.
  const turn = new Semaphore(1);
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const end = await turn.acquire();
    return await work().finally(end);
  };
  const tellError = (thrown: unknown) => output.note(`isthmus: ${toIsthmusError(thrown).message}`);
  const open = async (place: Place): Promise<Watched> => {
    if (queue === undefined || !isBucketLocation(place.location)) {
      const changes = watchLocation(place.location, settings, tellError);
      return { place, changes, ready: changes.ready, shared: false };
    }
    const { openBucketChanges } = await import("../../compose/notifications.ts");
    let told: string | undefined;
    const changes = openBucketChanges(place.source, queue, {
      // Tried again and again, it is told once.
      onTrouble(error) {
        if (told !== error.message) tellError(error);
        told = error.message;
      },
      onConnected() {
        told = undefined;
      },
    });
    return { place, changes, ready: Promise.resolve(), shared: true };
  };
  const watched = await Promise.all(places.map(open));
  let working: Promise<unknown> = Promise.resolve();
  const close = async () => {
    stopping.abort();
    await Promise.all(watched.map(({ changes }) => changes.close()));
    await working;
  };
  try {
    await Promise.all(watched.map(({ ready }) => ready));
  } catch (thrown) {
    await close();
    throw thrown;
  }

  async function keepTrue({ place: { source }, changes, shared }: Watched): Promise<void> {
    const { allowMassDelete } = settings;
    const refresh = async (hints: readonly Hinted[], lot: LotOptions) => {
      const work = async () => {
        const shown = activity?.begin("watch", hints.length);
        const told = (event: IngestEvent) => {
          onEvent(event);
          shown?.onEvent(event);
        };
        const options = { allowMassDelete, shared, onEvent: told, ...lot };
        return await engine.refresh(source, hints, options).finally(() => shown?.end());
      };
      return shared ? await work() : await inTurn(work);
    };
    const rescan = (within: AbortSignal) =>
      inTurn(() => {
        const progress = createProgress(output);
        const shown = activity?.begin("watch");
        const told = (event: IngestEvent) => {
          progress.onEvent(event);
          shown?.onEvent(event);
        };
        return engine.ingest(source, { signal: within, onEvent: told }).finally(() => {
          progress.stop();
          shown?.end();
        });
      });
    const listener = createListener(output);
    try {
      await follow({
        changes,
        lotsInFlight: shared ? changes.limits.unsettled : 1,
        refresh,
        rescan,
        listener,
        stopping: stopping.signal,
        signal,
      });
    } catch (thrown) {
      tellError(thrown);
    }
  }

  const onEvent = (event: IngestEvent) => {
    if (event.kind !== "document" || event.outcome === "unchanged") return;
    const reason = event.error === undefined ? "" : `: ${visible(event.error.message)}`;
    output.line(`${timeOfDay()}  ${event.outcome} ${readable(event.uri)}${reason}`);
  };
  return {
    begin() {
      if (!stopping.signal.aborted) working = Promise.all(watched.map(keepTrue));
    },
    close,
  };
}

function createListener(output: Output): FollowListener {
  let told: string | undefined;
  return {
    // One change of a lot has had its own line.
    summary(summary, of) {
      if (changes(summary) > (of === "lot" ? 1 : 0)) output.line(`${timeOfDay()}  ${summaryLine(summary)}`);
    },
    rescan: (reason) => output.note(reason),
    refused: (error) => output.note(`isthmus: ${error.message}`),
    paused({ message }) {
      // Asked every half a minute, it would say so every half a minute.
      if (told !== message) output.note(`isthmus: ${message} It is tried again until it works.`);
      told = message;
    },
    resumed() {
      output.note("It works again.");
      told = undefined;
    },
  };
}

function changes(summary: IngestSummary): number {
  return summary.added + summary.changed + summary.removed + summary.failed + summary.empty;
}

function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
