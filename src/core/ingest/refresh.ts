import { toIsthmusError } from "../errors.ts";
import type { IngestOptions, IngestSummary } from "../ingest-types.ts";
import type { Source } from "../ports.ts";
import type { ManifestEntry, ObjectRef } from "../types.ts";
import { endsRun, processAll, recordListingFault } from "./batch.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Run } from "./process.ts";
import { guardMassDelete, pagesOf, removeEntries, removeOrHold, scopedEntries } from "./removal.ts";
import { inExtent } from "./scope.ts";
import { createTally } from "./tally.ts";

/**
 * Brings the index up to date for single URIs of the source, a watcher's or a queue's hints; the live objects decide.
 * Hints outside the scope are left out. Promise 4 holds over all lots of hints and all writers together: what would pass both
 * bounds is set aside in the store.
 */
export async function refreshObjects(
  pipeline: Pipeline,
  source: Source,
  uris: readonly string[],
  options: IngestOptions = {},
): Promise<IngestSummary> {
  const { emit, summary } = createTally(options.onEvent);
  const gone: string[] = [];
  /** Contents of the objects that are there: a rename is told as a new name and one that is gone. */
  const held = new Set<string>();
  const run: Run = { pipeline, source, options, emit, vanished: (uri) => gone.push(uri) };
  try {
    // The same hint twice would run one attempt twice, side by side.
    const hints = [...new Set(uris)].filter((uri) => inExtent(uri, source));
    // Additions first: a renamed document takes its vectors over from its old name.
    for (const page of pagesOf(hints)) await refreshPage(run, page, held);
    const lot: ManifestEntry[] = [];
    for (const page of pagesOf(gone)) lot.push(...(await pipeline.writer.entries(page, options.signal)));
    const contents = (digests: readonly string[]) => new Set(digests.filter((digest) => held.has(digest)));
    await removeOrHold(run, lot, contents);
    return summary(false);
  } catch (error) {
    if (options.signal?.aborted === true) return summary(true);
    throw error;
  }
}

async function refreshPage(run: Run, uris: readonly string[], held: Set<string>): Promise<void> {
  const live: ObjectRef[] = [];
  for (const uri of uris) {
    try {
      const ref = await run.source.head(uri, run.options.signal);
      if (ref === undefined) run.vanished(uri);
      else {
        live.push(ref);
        if (ref.digest !== undefined) held.add(ref.digest);
      }
    } catch (thrown) {
      if (endsRun(run, thrown)) throw thrown;
      await recordListingFault(run, uri, toIsthmusError(thrown));
    }
  }
  await processAll(run, live);
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
