import type { IngestEngine } from "../../compose/engine.ts";
import { watchLocation } from "../../compose/source.ts";
import type { Settings } from "../../config/settings.ts";
import { toIsthmusError } from "../../core/errors.ts";
import type { IngestEvent, IngestSummary } from "../../core/ingest-types.ts";
import type { Source } from "../../core/ports.ts";
import { type Output, readable, summaryLine } from "../terminal/output.ts";

export interface Watched {
  readonly location: string;
  readonly source: Source;
}

/**
 * Keeps the index true to the sources: each batch of hints is one small run, one after the other. Resolves when every
 * place is watched; a scan begun then misses nothing, and hints wait until it is through (`scanned`).
 */
export async function watch(
  engine: IngestEngine,
  places: readonly Watched[],
  settings: Settings,
  output: Output,
  signal: AbortSignal,
  scanned: Promise<void>,
): Promise<{ close(): Promise<void> }> {
  let working = scanned;
  const enqueue = (run: () => Promise<IngestSummary>) => {
    working = working.then(async () => {
      if (signal.aborted) return;
      try {
        const summary = await run();
        if (changedAnything(summary)) output.line(`${timeOfDay()}  ${summaryLine(summary)}`);
      } catch (thrown) {
        output.note(`isthmus: ${toIsthmusError(thrown).message}`);
      }
    });
  };
  const onEvent = (event: IngestEvent) => {
    if (event.kind !== "document" || event.outcome === "unchanged") return;
    const reason = event.error === undefined ? "" : `: ${event.error.message}`;
    output.line(`${timeOfDay()}  ${event.outcome} ${readable(event.uri)}${reason}`);
  };
  const watchers = places.map(({ location, source }) =>
    watchLocation(location, settings, {
      onChange: (uris) => enqueue(() => engine.refresh(source, uris, { signal, onEvent })),
      onRescan(reason) {
        output.note(reason);
        enqueue(() => engine.ingest(source, { signal, onEvent }));
      },
      onError: (error) => output.note(`isthmus: ${error.message}`),
    }),
  );
  await Promise.all(watchers.map((watcher) => watcher.ready));
  return {
    async close() {
      await Promise.all(watchers.map((watcher) => watcher.close()));
      await working;
    },
  };
}

function changedAnything(summary: IngestSummary): boolean {
  return summary.added + summary.changed + summary.removed + summary.failed + summary.empty > 1;
}

function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
