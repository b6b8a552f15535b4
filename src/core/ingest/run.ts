import { Semaphore } from "../concurrency.ts";
import { toIsthmusError } from "../errors.ts";
import type { IngestOptions, IngestSummary } from "../ingest-types.ts";
import type { ListingSpill, Source } from "../ports.ts";
import type { ManifestEntry, ObjectRef } from "../types.ts";
import { spillListing } from "./listing.ts";
import type { Pipeline } from "./pipeline.ts";
import { processObject, type Run } from "./process.ts";
import { guardMassDelete, removeDocument, scopedEntries, vanishedEntries } from "./removal.ts";
import { createTally } from "./tally.ts";

const refsPerPage = 500;
/** Bytes of documents in flight: bounds memory however large the single documents are. */
const bytesInFlight = 64 * 2 ** 20;

/**
 * Makes the index say what the source says: lists it, writes what is new or changed, and removes what is gone. Listing
 * faults and failed documents leave what was good untouched. Throws only what must end a run: the source as a whole
 * cannot be listed, the store or the embedder is gone, or too much would be deleted. An aborted run returns a summary
 * marked `interrupted`; the next one goes on from there.
 */
export async function runIngest(
  pipeline: Pipeline,
  source: Source,
  spill: ListingSpill,
  options: IngestOptions = {},
): Promise<IngestSummary> {
  const { emit, summary } = createTally(options.onEvent);
  const { writer } = pipeline;
  const { signal } = options;
  const run: Run = { pipeline, source, options, emit };
  try {
    const unlisted = await spillListing(source, spill, emit, signal);
    const vanished = () => vanishedEntries(writer, source.scope, spill, unlisted);
    if (options.allowMassDelete !== true) {
      const { documents } = await writer.count(source.scope);
      await guardMassDelete(vanished(), documents, source.scope);
    }
    for (const { uri, error } of unlisted.faults) {
      emit({ kind: "document", uri, outcome: "failed", chunks: 0, bytes: 0, error });
    }
    await writeAll(run, spill);
    // Removals come last: a renamed document takes its vectors over from its old name.
    for await (const entries of vanished()) await removeAll(run, await stillGone(source, entries));
    return summary(false);
  } catch (error) {
    if (signal?.aborted === true) return summary(true);
    throw error;
  }
}

/** The same for single URIs of the source: a watcher's or a queue's hints. The live objects decide. */
export async function refreshObjects(
  pipeline: Pipeline,
  source: Source,
  uris: readonly string[],
  options: IngestOptions = {},
): Promise<IngestSummary> {
  const { emit, summary } = createTally(options.onEvent);
  const run: Run = { pipeline, source, options, emit };
  try {
    for (let from = 0; from < uris.length; from += refsPerPage)
      await refreshPage(run, uris.slice(from, from + refsPerPage));
    return summary(false);
  } catch (error) {
    if (options.signal?.aborted === true) return summary(true);
    throw error;
  }
}

/** Additions first: a renamed document takes its vectors over from its old name. */
async function refreshPage(run: Run, uris: readonly string[]): Promise<void> {
  const live: ObjectRef[] = [];
  const gone: string[] = [];
  for (const uri of uris) {
    try {
      const ref = await run.source.head(uri);
      if (ref === undefined) gone.push(uri);
      else live.push(ref);
    } catch (thrown) {
      const error = toIsthmusError(thrown);
      // The whole source is gone: nothing can be said of any object. Else this one alone cannot be looked at.
      if (error.code === "source_not_found" || run.options.signal?.aborted === true) throw error;
      run.emit({ kind: "document", uri, outcome: "failed", chunks: 0, bytes: 0, error });
    }
  }
  await processAll(run, live);
  await removeAll(run, await run.pipeline.writer.entries(gone));
}

/** A listing is no snapshot: what it missed is looked at once more before it counts as deleted. */
async function stillGone(source: Source, entries: readonly ManifestEntry[]): Promise<ManifestEntry[]> {
  const gone: ManifestEntry[] = [];
  for (const entry of entries) {
    const live = await source.head(entry.uri).catch((thrown: unknown) => {
      if (toIsthmusError(thrown).code === "source_unreadable") return "unknown";
      throw thrown;
    });
    if (live === undefined) gone.push(entry);
  }
  return gone;
}

/**
 * Removes one document, or all under a prefix that ends in "/", whatever the source says.
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
    const { documents } = await pipeline.writer.count(scope);
    await guardMassDelete(scopedEntries(pipeline.writer, scope), documents, scope);
  }
  for await (const entries of scopedEntries(pipeline.writer, scope)) await removeAll(run, entries);
  return summary(false);
}

async function writeAll(run: Run, spill: ListingSpill): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const page = spill.page(after, refsPerPage);
    if (page.length === 0) return;
    await processAll(run, page);
    after = page.at(-1)?.uri;
  }
}

/** Works on several documents at once; after a fatal error no further one is started, and those in hand are awaited. */
async function processAll(run: Run, refs: readonly ObjectRef[]): Promise<void> {
  const entries = await run.pipeline.writer.entries(refs.map((ref) => ref.uri));
  const slots = new Semaphore(run.pipeline.concurrency);
  const memory = new Semaphore(bytesInFlight);
  const working: Promise<void>[] = [];
  let fatal: { readonly error: unknown } | undefined;
  for (const [index, ref] of refs.entries()) {
    const releaseSlot = await slots.acquire();
    const releaseMemory = await memory.acquire(ref.size);
    if (fatal !== undefined || run.options.signal?.aborted === true) {
      releaseSlot();
      releaseMemory();
      break;
    }
    const work = processObject(run, ref, entries[index] ?? { uri: ref.uri })
      .catch((error: unknown) => {
        fatal ??= { error };
      })
      .finally(() => {
        releaseSlot();
        releaseMemory();
      });
    working.push(work);
  }
  await Promise.all(working);
  if (fatal !== undefined) throw fatal.error;
  run.options.signal?.throwIfAborted();
}

async function removeAll(
  run: Pick<Run, "pipeline" | "options" | "emit">,
  entries: readonly ManifestEntry[],
): Promise<void> {
  for (const entry of entries) {
    run.options.signal?.throwIfAborted();
    const removed = await removeDocument(run.pipeline.writer, entry);
    if (removed) run.emit({ kind: "document", uri: entry.uri, outcome: "removed", chunks: 0, bytes: 0 });
  }
}
