import { toIsthmusError } from "../errors.ts";
import type { IngestOptions, IngestSummary } from "../ingest-types.ts";
import type { Source } from "../ports.ts";
import type { ManifestEntry, ObjectRef } from "../types.ts";
import { endsRun, processAll, recordListingFault, type WorkLimits } from "./batch.ts";
import { type Hinted, type HintResult, joinHints } from "./hints.ts";
import { lookAt } from "./look.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Run } from "./process.ts";
import { guardMassDelete, pagesOf, removeEntries, removeOrHold, scopedEntries } from "./removal.ts";
import { inExtent } from "./scope.ts";
import { createTally } from "./tally.ts";

export interface RefreshOptions extends IngestOptions {
  /** Told of each URI as soon as it is through. After a throw, those that were not told are as they were. */
  readonly onResult?: (result: HintResult) => void;
  /** Others write to this index too, see `Run.confirm`. */
  readonly shared?: boolean;
  /** What is in hand at once, over all refreshes that are under way. */
  readonly limits?: WorkLimits;
}

/**
 * Brings the index up to date for single URIs of the source, a watcher's or a queue's hints; the live objects decide: a read
 * is pinned to the version that was hinted at, and the manifest tells older from newer.
 * Hints outside the scope are left out. Promise 4 holds over all lots of hints and all writers together: what would pass both
 * bounds is set aside in the store.
 *
 * @throws `mass_delete_refused` after everything else is done and these were set aside.
 */
export async function refreshObjects(
  pipeline: Pipeline,
  source: Source,
  hinted: readonly Hinted[],
  options: RefreshOptions = {},
): Promise<IngestSummary> {
  const { emit, summary } = createTally(options.onEvent);
  const { signal, onResult = () => undefined } = options;
  // The same hint twice would run one attempt twice, side by side.
  const hints = joinHints(hinted);
  const reindexed = new Set(hints.filter(({ reindex }) => reindex !== false).map(({ uri }) => uri));
  const results = new Map<string, HintResult>();
  const gone = new Map<string, ManifestEntry>();
  const tell = (uri: string) => onResult(results.get(uri) ?? { uri, outcome: "gone" });
  const run: Run = {
    pipeline,
    source,
    options,
    emit(event) {
      if (event.kind === "document") {
        const { uri, outcome, error } = event;
        results.set(uri, { uri, outcome, ...(error && { error }) });
      }
      emit(event);
    },
    vanished: (uri, known) => gone.set(uri, known),
    ...(options.shared === true && {
      async confirm(uri, known) {
        try {
          if ((await source.head(uri, signal)) === undefined) gone.set(uri, known);
        } catch (thrown) {
          const error = toIsthmusError(thrown);
          if (error.fatal || signal?.aborted === true) throw error;
          results.set(uri, { uri, outcome: "failed", error });
        }
      },
    }),
    reindexes: (uri) => reindexed.has(uri),
    ended(uri) {
      if (!gone.has(uri)) tell(uri);
    },
    ...(options.limits && { limits: options.limits }),
  };
  /** Contents of the objects that are there: a rename is told as a new name and one that is gone. */
  const held = new Set<string>();
  try {
    for (const { uri } of hints.filter(({ uri }) => !inExtent(uri, source))) onResult({ uri, outcome: "outside" });
    const inside = hints.filter(({ uri }) => inExtent(uri, source));
    // Additions first: a renamed document takes its vectors over from its old name.
    for (const page of pagesOf(inside)) {
      const live = await liveOf(run, page);
      for (const { digest } of live) if (digest !== undefined) held.add(digest);
      await processAll(run, live);
    }
    const contents = (digests: readonly string[]) => new Set(digests.filter((digest) => held.has(digest)));
    await removeOrHold(run, [...gone.values()], contents, { shared: options.shared === true });
    for (const uri of gone.keys()) tell(uri);
    return summary(false);
  } catch (error) {
    if (signal?.aborted === true) return summary(true);
    throw error;
  }
}

/** The objects of a page that are there, as far as anybody knows; the others are noted, as gone or as failed. */
async function liveOf(run: Run, hints: readonly Hinted[]): Promise<ObjectRef[]> {
  const { signal } = run.options;
  const live = hints.flatMap(({ ref }) => ref ?? []);
  const asked = hints.filter(({ ref }) => ref === undefined);
  if (asked.length === 0) return live;
  // Read before the look: what is written after it is newer than what the look can say, and no tombstone may reach it.
  const entries = await run.pipeline.writer.entries(
    asked.map(({ uri }) => uri),
    signal,
  );
  for await (const look of lookAt(run.source, entries, signal)) {
    const { uri } = look.item;
    if ("error" in look) {
      if (endsRun(run, look.error)) throw look.error;
      await recordListingFault(run, uri, toIsthmusError(look.error));
      run.ended?.(uri);
    } else if (look.live === undefined) run.vanished(uri, look.item);
    else live.push(look.live);
  }
  return live;
}

/**
 * Removes one document, or all under a prefix that ends in "/", whatever the source says. An aborted removal returns a
 * summary marked `interrupted`.
 *
 * @throws `mass_delete_refused` for more than 20 documents, unless the options allow it.
 */
export async function removeScope(
  pipeline: Pipeline,
  scope: string,
  options: IngestOptions = {},
): Promise<IngestSummary> {
  const { emit, summary } = createTally(options.onEvent);
  const run = { pipeline, options, emit };
  if (options.allowMassDelete !== true) {
    const vanished = scopedEntries(pipeline.writer, scope, options.signal);
    await guardMassDelete(pipeline.writer, { extent: { scope }, vanished }, options.signal);
  }
  try {
    // Asked for by name: no guard counts it against what comes after.
    for await (const entries of scopedEntries(pipeline.writer, scope, options.signal))
      await removeEntries(run, entries, { excused: true });
    return summary(false);
  } catch (error) {
    if (options.signal?.aborted === true) return summary(true);
    throw error;
  }
}
