import type { IngestEngine } from "../../compose/ingest-engine.ts";
import { openSource } from "../../compose/source.ts";
import type { Settings } from "../../config/settings.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { IngestEvent, IngestOptions, IngestSummary } from "../../core/ingest-types.ts";
import type { Source } from "../../core/ports.ts";
import type { Scan } from "../activity.ts";
import type { Closing } from "../closing.ts";
import { count, type Output } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { addSummaries } from "./summaries.ts";

/** A location as a person named it, with its source opened. */
export interface Place {
  readonly location: string;
  readonly source: Source;
}

export interface IngestedPlaces {
  /** Of all places together; a place that failed as a whole counts in `failed`. */
  readonly summary: IngestSummary;
  /** Why places failed as a whole, in order. */
  readonly failures: readonly IsthmusError[];
}

/** What concerns one place alone; anything else (the store, the embedder) ends the run. */
const ofOnePlace: ReadonlySet<string> = new Set([
  "config_invalid",
  "source_not_found",
  "source_unreadable",
  "source_unavailable",
  "mass_delete_refused",
]);

/**
 * Opens every location that can be opened, before anything is indexed; the others are reported.
 *
 * @throws what is wrong with the first, when none can be opened.
 */
export async function openPlaces(
  locations: readonly string[],
  settings: Settings,
  output: Output,
  closing: Closing,
  open: typeof openSource = openSource,
): Promise<{ readonly places: readonly Place[]; readonly failures: readonly IsthmusError[] }> {
  const places: Place[] = [];
  const failures: IsthmusError[] = [];
  for (const location of new Set(locations)) {
    try {
      const source = await open(location, settings);
      closing.add(() => source.close());
      places.push({ location, source });
    } catch (thrown) {
      failures.push(failureOfPlace(thrown));
    }
  }
  const [first] = failures;
  if (places.length === 0 && first !== undefined) {
    for (const other of failures.slice(1)) output.note(`isthmus: ${other.message}`);
    throw first;
  }
  for (const failure of failures) output.note(`isthmus: ${failure.message}`);
  return { places, failures };
}

/** Brings the index up to date with one place after the other. A place that fails as a whole does not stop the others. */
export async function ingestPlaces(
  engine: IngestEngine,
  places: readonly Place[],
  output: Output,
  options: IngestOptions & { readonly signal: AbortSignal },
  scan?: Scan,
): Promise<IngestedPlaces> {
  const summaries: IngestSummary[] = [];
  const failures: IsthmusError[] = [];
  for (const { source } of places) {
    const progress = createProgress(output);
    scan?.place();
    const onEvent = (event: IngestEvent) => {
      progress.onEvent(event);
      scan?.onEvent(event);
    };
    try {
      summaries.push(await engine.ingest(source, { ...options, onEvent }));
    } catch (thrown) {
      failures.push(failureOfPlace(thrown));
    } finally {
      progress.stop();
    }
    if (options.signal.aborted) break;
  }
  const summary = addSummaries(summaries);
  return { summary: withFailed(summary, failures.length), failures };
}

/** Places that failed as a whole count as failed documents do. */
export function withFailed(summary: IngestSummary, places: number): IngestSummary {
  return { ...summary, failed: summary.failed + places };
}

/** "1 of 3 places could not be brought up to date." */
export function tellFailed(output: Output, failed: number, all: number): void {
  if (failed > 0 && all > 1) output.note(`${failed} of ${count(all, "place")} could not be brought up to date.`);
}

function failureOfPlace(thrown: unknown): IsthmusError {
  if (thrown instanceof IsthmusError && ofOnePlace.has(thrown.code)) return thrown;
  throw thrown;
}
