import { IsthmusError, present } from "../errors.ts";
import type { IngestEvent, IngestOptions, IngestSummary } from "../ingest-types.ts";
import type { ListingSpill, Source } from "../ports.ts";
import type { ManifestEntry, ObjectRef } from "../types.ts";
import { createWork, recordListingFault, refsPerPage } from "./batch.ts";
import { decide } from "./decide.ts";
import { spillListing } from "./listing.ts";
import type { Pipeline } from "./pipeline.ts";
import { type Run, retryOf } from "./process.ts";
import { guardMassDelete, releasePresent, removeEntries, stillGone, vanishedEntries } from "./removal.ts";
import { createTally } from "./tally.ts";

/** The first objects of a long listing tell whether the model is needed. */
const refsToLookAt = 20;

/**
 * Makes the index say what the source says: lists it, writes what is new or changed, and removes what is gone. Listing
 * faults and failed documents leave what was good untouched. Throws only what must end a run: the source as a whole
 * cannot be listed, the platform failed (`fatal` errors), or too much would be deleted. An aborted run returns a summary
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
  // Undefined where nobody counted: then there may be some.
  const guard = async () => {
    if (options.allowMassDelete === true) return undefined;
    const guardOver = async (entriesOf: (page: readonly ManifestEntry[]) => Promise<readonly ManifestEntry[]>) => {
      const vanished = mapPages(vanishedEntries(writer, { scope: source.scope }, spill, signal), entriesOf);
      const contents = (digests: readonly string[]) => spill.contents(digests);
      return await guardMassDelete(writer, { extent: source, vanished, contents }, signal);
    };
    try {
      return await guardOver(async (page) => page);
    } catch (thrown) {
      if (!(thrown instanceof IsthmusError) || thrown.code !== "mass_delete_refused") throw thrown;
      // What workers beside this run wrote since its listing looks gone, and is not: refused is what a second look finds gone.
      return await guardOver((page) => stillGone(run, page));
    }
  };
  let vanishedMeanwhile = false;
  const run: Run = {
    pipeline,
    source,
    options,
    emit,
    vanished(uri) {
      spill.remove(uri);
      vanishedMeanwhile = true;
    },
  };
  try {
    const fault = (uri: string, error: IsthmusError) => recordListingFault(run, uri, error);
    let looked = false;
    const listed = (event: IngestEvent) => {
      emit(event);
      if (looked || event.kind !== "listing" || event.objects < refsPerPage) return;
      looked = true;
      // For speed alone: where it fails, the first document that needs the model tells.
      loadAhead(run, spill.page(undefined, refsToLookAt)).catch(() => {});
    };
    await spillListing(source, spill, { emit: listed, fault }, signal);
    let missing = await guard();
    await writeAll(run, spill);
    if (vanishedMeanwhile) missing = await guard();
    // Removals come last: a renamed document takes its vectors over from its old name.
    if (missing !== 0) {
      for await (const entries of vanishedEntries(writer, source, spill, signal)) {
        await removeEntries(run, await stillGone(run, entries));
      }
    }
    await releasePresent(writer, source.scope, (uris) => spill.present(uris), signal);
    return summary(false);
  } catch (error) {
    if (signal?.aborted === true) return summary(true);
    throw error;
  }
}

/** Loads the model while a long listing goes on, if its first objects are to be written. */
async function loadAhead({ pipeline, options }: Run, refs: readonly ObjectRef[]): Promise<void> {
  const uris = refs.map(({ uri }) => uri);
  const entries = await pipeline.writer.entries(uris, options.signal);
  const isToWrite = (ref: ObjectRef, index: number) => {
    const decision = decide(
      ref,
      present(entries[index], `the entry of ${ref.uri}`),
      pipeline.fingerprints,
      retryOf(options),
    );
    return decision.kind === "write";
  };
  if (refs.some(isToWrite)) await pipeline.chunking(options.signal);
}

async function* mapPages<Page>(
  pages: AsyncIterable<Page>,
  change: (page: Page) => Promise<Page>,
): AsyncGenerator<Page> {
  for await (const page of pages) yield await change(page);
}

async function writeAll(run: Run, spill: ListingSpill): Promise<void> {
  const work = createWork(run);
  let after: string | undefined;
  for (;;) {
    const page = spill.page(after, refsPerPage);
    if (page.length === 0) return await work.finish();
    await work.begin(page);
    after = page.at(-1)?.uri;
  }
}
