import { IsthmusError } from "../errors.ts";
import type { IngestEvent } from "../ingest-types.ts";
import type { Holds, ListingSpill, Manifest, Source } from "../ports.ts";
import type { ManifestEntry, ObjectRef } from "../types.ts";
import { createWork, refsPerPage } from "./batch.ts";
import { decide } from "./decide.ts";
import { spillListing } from "./listing.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Run } from "./process.ts";
import {
  guardMassDelete,
  holdEntries,
  movedAmong,
  releasePresent,
  removalWindowMs,
  removeEntries,
  stillGone,
  vanishedEntries,
} from "./removal.ts";
import { inScope } from "./scope.ts";

/** Findings told by name; the rest are counted. */
const findingsKept = 1_000;
/** An object this young is a worker's to bring in: whoever only looks calls it pending, and not missing. */
export const pendingMs = 120_000;

export type Difference =
  /** In the source, and not in the index. */
  | "missing"
  /** In the index with an earlier version. */
  | "stale"
  /** In the index with this version, as an earlier pipeline made it. */
  | "outdated"
  /** In the index, and gone from the source. */
  | "ghost";

export interface Finding {
  readonly difference: Difference;
  readonly uri: string;
}

/** How the source and the manifest differ. All counts are of documents. */
export interface Comparison {
  /** Objects in the source. */
  readonly listed: number;
  readonly missing: number;
  readonly stale: number;
  readonly outdated: number;
  readonly ghosts: number;
  /** Missing or stale, and so young that a worker may be at it. */
  readonly pending: number;
  /** Recorded as failed at their present version. */
  readonly failed: number;
  /** Places of the source that could not be listed: nothing is said of what lies in them. */
  readonly unlisted: number;
  /** Deletions that are held, when all was done. */
  readonly held: number;
  /** What was mended: documents written, removed, and held ones that turned out to be there. */
  readonly written: number;
  readonly removed: number;
  readonly released: number;
  /** Documents that could not be written. */
  readonly unwritten: number;
  /** The first thousand. */
  readonly findings: readonly Finding[];
  /** Why ghosts were set aside instead of removed. */
  readonly refused?: string;
}

export interface CompareOptions {
  readonly allowMassDelete?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: IngestEvent) => void;
  /** For tests: milliseconds under which an object is pending. */
  readonly pendingMs?: number;
}

/** What compares: a reader's manifest and the fingerprints of the present pipeline. */
export interface Compared {
  readonly manifest: Manifest & Holds;
  readonly fingerprints: ReadonlySet<string>;
  /** Absent where nothing may be changed. */
  readonly pipeline?: Pipeline;
}

/**
 * Compares a source with the manifest, and mends the differences where a pipeline is given. Workers may be at it all the while:
 * a listing is no snapshot, so nothing is called gone before the live object was looked at, and the index was read before that
 * look, so that no tombstone reaches newer work. What is written goes by the rules of every run: older never replaces newer.
 *
 * Ghosts over both bounds of promise 4 are held, not removed, and counted over all of them at once.
 *
 * @throws what ends a run: the source cannot be listed, the platform failed, the signal's reason.
 */
export async function compareSource(
  { manifest, fingerprints, pipeline }: Compared,
  source: Source,
  spill: ListingSpill,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { signal, onEvent = () => {} } = options;
  const counts = { missing: 0, stale: 0, outdated: 0, ghosts: 0, pending: 0, failed: 0, unlisted: 0 };
  const mended = { written: 0, removed: 0, released: 0, unwritten: 0 };
  const findings: Finding[] = [];
  const find = (difference: Difference, uri: string) => {
    counts[difference === "ghost" ? "ghosts" : difference]++;
    if (findings.length < findingsKept) findings.push({ difference, uri });
  };
  const emit = (event: IngestEvent) => {
    if (event.kind === "document") {
      if (event.outcome === "removed") mended.removed++;
      else if (event.outcome === "failed") mended.unwritten++;
      else if (event.outcome !== "unchanged") mended.written++;
    }
    onEvent(event);
  };
  const fault = async () => {
    counts.unlisted++;
  };
  await spillListing(source, spill, { emit: onEvent, fault }, signal);
  const young = Date.now() - (options.pendingMs ?? pendingMs);
  const run = pipeline && {
    pipeline,
    source,
    options: { ...options, retryFailed: false },
    emit,
    vanished: (uri: string) => spill.remove(uri),
  };
  const work = run && createWork(run);
  for (let after: string | undefined; ; ) {
    const page = spill.page(after, refsPerPage);
    if (page.length === 0) break;
    signal?.throwIfAborted();
    after = page.at(-1)?.uri;
    const wrong: ObjectRef[] = [];
    const uris = page.map(({ uri }) => uri);
    for (const [at, entry] of (await manifest.entries(uris, signal)).entries()) {
      const ref = page[at];
      if (ref === undefined) continue;
      const difference = differenceOf(ref, entry, fingerprints);
      if (difference === undefined) continue;
      if (difference === "failed") counts.failed++;
      else if (difference === "readmitted" && (await source.head(ref.uri, signal))?.version !== ref.version) continue;
      else if (work === undefined && Date.parse(ref.updatedAt) > young && difference !== "outdated") counts.pending++;
      else {
        find(difference === "readmitted" ? "missing" : difference, ref.uri);
        wrong.push(ref);
      }
    }
    if (wrong.length > 0) await work?.begin(wrong);
  }
  await work?.finish();
  const ghosts = () => confirmedGhosts(manifest, source, spill, options);
  for await (const entries of ghosts()) for (const { uri } of entries) find("ghost", uri);
  const refused = run === undefined ? undefined : await removeGhosts(run, counts.ghosts, ghosts, spill);
  if (run !== undefined) {
    const present = (uris: readonly string[]) => spill.present(uris);
    mended.released = await releasePresent(run.pipeline.writer, source.scope, present, signal);
  }
  let held = 0;
  for await (const { uri } of manifest.held(source.scope, signal)) if (inScope(uri, source.scope)) held++;
  return { listed: spill.count, ...counts, ...mended, held, findings, ...(refused !== undefined && { refused }) };
}

/** `readmitted`: the index has a deletion of this very version; only a look at the live object tells which of both is later. */
function differenceOf(
  ref: ObjectRef,
  entry: ManifestEntry,
  fingerprints: ReadonlySet<string>,
): "missing" | "stale" | "outdated" | "failed" | "readmitted" | undefined {
  const decision = decide(ref, entry, fingerprints, { maxAttempts: 1, retryFailed: false });
  if (decision.kind === "given-up") return "failed";
  if (decision.kind !== "write") return undefined;
  if (decision.needsLiveObject) return "readmitted";
  if (entry.current?.state !== "indexed") return "missing";
  return entry.current.version === ref.version ? "outdated" : "stale";
}

/** Documents that are in the index, and of which a look at the live object says that it is gone; a page at a time. */
async function* confirmedGhosts(
  manifest: Manifest,
  source: Source,
  spill: ListingSpill,
  options: CompareOptions,
): AsyncGenerator<ManifestEntry[]> {
  for await (const entries of vanishedEntries(manifest, source, spill, options.signal)) {
    const gone = await stillGone({ source, options }, entries);
    if (gone.length > 0) yield gone;
  }
}

/** @returns why nothing was removed, where it was refused. */
async function removeGhosts(
  run: Run,
  found: number,
  ghosts: () => AsyncIterable<readonly ManifestEntry[]>,
  spill: ListingSpill,
): Promise<string | undefined> {
  if (found === 0) return undefined;
  const { writer } = run.pipeline;
  const { signal } = run.options;
  const contents = (digests: readonly string[]) => spill.contents(digests);
  let refused: string | undefined;
  if (run.options.allowMassDelete !== true) {
    const remedy =
      "none was, and they are held. If that is right: isthmus held allow, or this command again with --allow-mass-delete.";
    try {
      // What is held is among the ghosts, or is there.
      const before = { removed: await writer.removedLately(run.source.scope, removalWindowMs, signal), held: 0 };
      await guardMassDelete(writer, { extent: run.source, vanished: ghosts(), contents, before, remedy }, signal);
    } catch (thrown) {
      if (!(thrown instanceof IsthmusError) || thrown.code !== "mass_delete_refused") throw thrown;
      refused = thrown.message;
    }
  }
  for await (const entries of ghosts()) {
    const moved = movedAmong(entries, contents);
    const renamed = entries.filter(({ uri }) => moved.has(uri));
    const lost = entries.filter(({ uri }) => !moved.has(uri));
    await removeEntries(run, renamed, { excused: true });
    if (refused === undefined) await removeEntries(run, lost);
    else await holdEntries(writer, lost, { scope: run.source.scope, reason: refused }, signal);
  }
  return refused;
}
