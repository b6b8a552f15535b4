import { setImmediate as immediate } from "node:timers/promises";
import type { IngestEngine } from "../../compose/engine.ts";
import { watchLocation } from "../../compose/source.ts";
import type { Settings } from "../../config/settings.ts";
import { toIsthmusError } from "../../core/errors.ts";
import type { IngestEvent, IngestSummary } from "../../core/ingest-types.ts";
import { type Output, readable, summaryLine, visible } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { createHintBacklog, type Work } from "./hint-backlog.ts";
import type { Place } from "./places.ts";

export interface Watching {
  /** The first scan is through: what waited is looked at now, and what comes is looked at as it comes. */
  begin(): void;
  /** What still waits is dropped; what is in hand is awaited. */
  close(): Promise<void>;
}

/**
 * Keeps the index true to the places: hints are gathered, and each lot is one small run, one after the other. Resolves
 * when every place is watched, so that a scan begun then misses nothing; hints wait until `begin`.
 */
export async function watch(
  engine: Pick<IngestEngine, "ingest" | "refresh">,
  places: readonly Place[],
  settings: Settings,
  output: Output,
  signal: AbortSignal,
): Promise<Watching> {
  const backlogs = places.map(() => createHintBacklog());
  let begun = false;
  let closed = false;
  let busy = false;
  let working = Promise.resolve();

  /** The next lot of any place. */
  const take = (): { place: Place; next: Work } | undefined => {
    if (closed || signal.aborted) return undefined;
    for (const [index, place] of places.entries()) {
      const next = backlogs[index]?.take();
      if (next !== undefined) return { place, next };
    }
    return undefined;
  };
  const work = async () => {
    busy = true;
    // One change of many files comes in several calls: taken together, the guard against mass deletes sees them all.
    await immediate();
    for (let lot = take(); lot !== undefined; lot = take()) await perform(lot.place, lot.next);
    // No pause since the last look, in which a hint could slip in.
    busy = false;
  };
  const wake = () => {
    if (begun && !busy && !closed) working = work();
  };
  const perform = async (place: Place, next: Work) => {
    const { source } = place;
    const { allowMassDelete } = settings;
    try {
      if (next.kind === "uris") {
        const summary = await engine.refresh(source, next.uris, { allowMassDelete, signal, onEvent });
        // One change has had its own line.
        if (changes(summary) > 1) output.line(`${timeOfDay()}  ${summaryLine(summary)}`);
        return;
      }
      const progress = createProgress(output);
      const summary = await engine.ingest(source, { signal, onEvent: progress.onEvent }).finally(() => progress.stop());
      if (changes(summary) > 0) output.line(`${timeOfDay()}  ${summaryLine(summary)}`);
    } catch (thrown) {
      output.note(`isthmus: ${toIsthmusError(thrown).message}`);
    }
  };
  const onEvent = (event: IngestEvent) => {
    if (event.kind !== "document" || event.outcome === "unchanged") return;
    const reason = event.error === undefined ? "" : `: ${visible(event.error.message)}`;
    output.line(`${timeOfDay()}  ${event.outcome} ${readable(event.uri)}${reason}`);
  };
  const watchers = places.map(({ location }, index) =>
    watchLocation(location, settings, {
      onChange(uris) {
        backlogs[index]?.add(uris);
        wake();
      },
      onRescan(reason) {
        output.note(reason);
        backlogs[index]?.addRescan();
        wake();
      },
      onError: (error) => output.note(`isthmus: ${error.message}`),
    }),
  );
  const close = async () => {
    closed = true;
    await Promise.all(watchers.map((watcher) => watcher.close()));
    await working;
  };
  try {
    await Promise.all(watchers.map((watcher) => watcher.ready));
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    begin() {
      begun = true;
      wake();
    },
    close,
  };
}

function changes(summary: IngestSummary): number {
  return summary.added + summary.changed + summary.removed + summary.failed + summary.empty;
}

function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
