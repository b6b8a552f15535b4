import { IsthmusError } from "../errors.ts";
import type { ListingSpill, Manifest, StoreWriter } from "../ports.ts";
import type { Commit, DocumentRow, HeldDeletion, ManifestEntry } from "../types.ts";
import { endsRun } from "./batch.ts";
import { lookAt } from "./look.ts";
import type { Run } from "./process.ts";
import { type Extent, inExtent, inScope } from "./scope.ts";

const entriesPerPage = 500;

/** Promise 4: a run over both bounds stops and asks. */
export const massDelete = { documents: 20, share: 0.2 } as const;

/** Entries of the manifest in the scope, in pages. */
export async function* scopedEntries(
  writer: Manifest,
  scope: string,
  signal?: AbortSignal,
): AsyncGenerator<ManifestEntry[]> {
  if (!scope.endsWith("/")) {
    const entries = await writer.entries([scope], signal);
    yield entries.filter((entry) => entry.current?.state === "indexed" || entry.failure !== undefined);
    return;
  }
  let after: string | undefined;
  for (;;) {
    const page = await writer.page(scope, after, entriesPerPage, signal);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.uri;
  }
}

/**
 * Entries in the extent whose object the listing does not hold, and could have held.
 *
 * @param extent of a shard: its own; without `owns` all of the scope, whoever answers for it.
 */
export async function* vanishedEntries(
  writer: Manifest,
  extent: Extent,
  spill: ListingSpill,
  signal?: AbortSignal,
): AsyncGenerator<ManifestEntry[]> {
  for await (const page of scopedEntries(writer, extent.scope, signal)) {
    const present = spill.present(page.map((entry) => entry.uri));
    const missing = page.filter((entry) => inExtent(entry.uri, extent) && !present.has(entry.uri));
    const hidden = spill.hidden(missing.map((entry) => entry.uri));
    const gone = missing.filter((entry) => !hidden.has(entry.uri));
    if (gone.length > 0) yield gone;
  }
}

/** What a guard looks at, and what may excuse a document that is gone. */
export interface Guarded {
  /** A shard's counts what is its own to remove, and is refused for what all of them remove together. */
  readonly extent: Extent;
  /** Entries to be removed, over the whole scope: what shards remove together is one deletion. */
  readonly vanished: AsyncIterable<readonly ManifestEntry[]> | Iterable<readonly ManifestEntry[]>;
  /** Which of these contents the source still holds, under another name: a renamed folder loses nothing. */
  readonly contents?: Contents;
  /** What went in lots before this one, and what of them is held. */
  readonly before?: Before;
  /** What to do about it, for the message of a refusal. */
  readonly remedy?: string;
}

export type Contents = (digests: readonly string[]) => ReadonlySet<string>;

/** Counts over all writers of the scope. */
export interface Before {
  readonly removed: number;
  readonly held: number;
}

const remedyOfRun = "none was. If that is right, run again with --allow-mass-delete (ISTHMUS_ALLOW_MASS_DELETE=true).";
const remedyOfLot =
  "none was, and they are held: they answer as before until a reconciliation finds that they may go, or a person says so (isthmus held list, isthmus held allow).";

/**
 * @returns how many entries there are in the extent.
 * @throws `mass_delete_refused` when removing these entries would pass both bounds of promise 4.
 */
export async function guardMassDelete(
  writer: Manifest,
  { extent, vanished, contents, before = { removed: 0, held: 0 }, remedy = remedyOfRun }: Guarded,
  signal?: AbortSignal,
): Promise<number> {
  let all = 0;
  let gone = 0;
  let moved = 0;
  let own = 0;
  for await (const entries of vanished) {
    all += entries.filter(({ uri }) => inExtent(uri, extent)).length;
    const indexed = entries.filter(({ current }) => current?.state === "indexed");
    const kept = movedAmong(indexed, contents).size;
    moved += kept;
    gone += indexed.length - kept;
    own += indexed.filter(({ uri }) => inExtent(uri, extent)).length;
  }
  const earlier = before.removed + before.held;
  if (own === 0 || gone === 0 || gone + earlier <= massDelete.documents) return all;
  const { documents } = await writer.count(extent.scope, signal);
  if (gone + earlier <= massDelete.share * (documents + before.removed)) return all;
  const lately = earlier === 0 ? "" : `, after ${earlier} that went lately or are held,`;
  const renamed = moved === 0 ? "" : ` (${moved} more are there under another name)`;
  throw new IsthmusError(
    "mass_delete_refused",
    `${gone} of ${documents} documents under ${extent.scope}${lately} would be removed${renamed}; ${remedy}`,
  );
}

/** URIs of documents whose content the source holds under another name. */
export function movedAmong(indexed: readonly ManifestEntry[], contents: Contents = () => new Set()): Set<string> {
  const held = contents(indexed.flatMap(({ current }) => current?.digest ?? []));
  const moved = indexed.filter(({ current }) => current?.digest !== undefined && held.has(current.digest));
  return new Set(moved.map(({ uri }) => uri));
}

/** Milliseconds within which deletions that come in lots, to whichever worker, are judged as one. */
export const removalWindowMs = 3_600_000;
/** Who counts while others remove counts anew, so often. */
const countings = 5;
const reasonUnderWay =
  "It is being judged, or whoever judged it died: the next notification or reconciliation settles it.";

/**
 * Removes the documents of one lot of hints, or sets them aside: lots are small, so each is judged together with what any writer
 * removed lately in the scope and with what is held there. What was refused is in the store, and asks for nothing more.
 *
 * @param lot entries that were read before the live objects were found to be gone.
 * @param shared other lots may be judged at the same moment, here or elsewhere. Then each is held before it is counted: of two
 * that would pass the bounds together, one at least sees the other.
 * @throws `mass_delete_refused` after the lot was set aside.
 */
export async function removeOrHold(
  run: Run,
  lot: readonly ManifestEntry[],
  contents: Contents,
  { shared }: { readonly shared: boolean },
): Promise<void> {
  const { writer } = run.pipeline;
  const { scope } = run.source;
  const { signal, allowMassDelete = false, removalWindowMs: windowMs = removalWindowMs } = run.options;
  const indexed = lot.filter(({ current }) => current?.state === "indexed");
  const moved = movedAmong(indexed, contents);
  const excused = lot.filter((entry) => allowMassDelete || moved.has(entry.uri));
  const counted = lot.filter((entry) => !excused.includes(entry));
  for (const page of pagesOf(excused)) await removeEntries(run, page, { excused: true });
  const judged = counted.some(({ current }) => current?.state === "indexed");
  if (judged) {
    const hold = async (reason: string) => {
      for (const page of pagesOf(counted)) await holdEntries(writer, page, { scope, reason }, signal);
    };
    if (shared) await hold(reasonUnderWay);
    try {
      const before = await countBefore(writer, scope, counted, windowMs, signal);
      const guarded = { extent: run.source, vanished: [counted], before, remedy: remedyOfLot };
      await guardMassDelete(writer, guarded, signal);
    } catch (thrown) {
      if (thrown instanceof IsthmusError && thrown.code === "mass_delete_refused") await hold(thrown.message);
      throw thrown;
    }
  }
  for (const page of pagesOf(counted)) {
    await removeEntries(run, page);
    const uris = page.map(({ uri }) => uri);
    if (shared && judged) await writer.release(uris, signal);
  }
}

/** What went lately and what is held besides the lot, each document once: what is removed in between is in neither, or in both. */
async function countBefore(
  writer: StoreWriter,
  scope: string,
  lot: readonly ManifestEntry[],
  windowMs: number,
  signal: AbortSignal | undefined,
): Promise<Before> {
  const uris = new Set(lot.map(({ uri }) => uri));
  let removed = await writer.removedLately(scope, windowMs, signal);
  for (let counting = 1; ; counting++) {
    let held = 0;
    for await (const { uri } of writer.held(scope, signal)) if (inScope(uri, scope) && !uris.has(uri)) held++;
    const now = await writer.removedLately(scope, windowMs, signal);
    if (now === removed || counting === countings) return { removed: now, held };
    removed = now;
  }
}

/** Sets the documents of a page aside; what never was indexed has nothing to lose, and is left as it is. */
export async function holdEntries(
  writer: StoreWriter,
  entries: readonly ManifestEntry[],
  { scope, reason }: Pick<HeldDeletion, "scope" | "reason">,
  signal?: AbortSignal,
): Promise<void> {
  const heldAt = new Date().toISOString();
  const held = entries.flatMap(({ uri, current }) =>
    current?.state === "indexed" ? [{ uri, order: current.order, heldAt, scope, reason }] : [],
  );
  if (held.length > 0) await writer.hold(held, signal);
}

/** Forgets what is held of documents in the scope that `isThere` tells are in the source. @returns how many. */
export async function releasePresent(
  writer: StoreWriter,
  scope: string,
  isThere: (uris: readonly string[]) => ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<number> {
  const held: string[] = [];
  for await (const { uri } of writer.held(scope, signal)) if (inScope(uri, scope)) held.push(uri);
  const there = [...isThere(held)];
  for (const page of pagesOf(there)) await writer.release(page, signal);
  return there.length;
}

export function* pagesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += entriesPerPage) yield items.slice(from, from + entriesPerPage);
}

/** A listing is no snapshot: what it missed is looked at once more, and stays if that does not show it gone. */
export async function stillGone(
  run: Pick<Run, "source" | "options">,
  entries: readonly ManifestEntry[],
): Promise<ManifestEntry[]> {
  const gone: ManifestEntry[] = [];
  for await (const look of lookAt(run.source, entries, run.options.signal)) {
    if ("error" in look) {
      if (endsRun(run, look.error)) throw look.error;
    } else if (look.live === undefined) gone.push(look.item);
  }
  return gone;
}

/**
 * Removes documents of a page: tombstones first, then chunks. An entry that holds a failure alone is forgotten.
 *
 * @param excused no guard counts them.
 */
export async function removeEntries(
  { pipeline, options, emit }: Pick<Run, "options" | "emit"> & { readonly pipeline: { readonly writer: StoreWriter } },
  entries: readonly ManifestEntry[],
  { excused = options.allowMassDelete === true }: { readonly excused?: boolean } = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const indexed = entries.flatMap(({ current }) => (current?.state === "indexed" ? [current] : []));
  if (indexed.length > 0) {
    const tombstones = indexed.map((row) => ({ ...tombstoneOf(row), ...(excused && { excused }) }));
    for (const { row, supersededBy } of await pipeline.writer.remove(tombstones, signal)) {
      // A newer version came meanwhile, and stands.
      if (supersededBy !== undefined && supersededBy.state === "indexed") continue;
      emit({ kind: "document", uri: row.uri, outcome: "removed", chunks: 0, bytes: 0 });
    }
  }
  const failures = entries.filter(({ current }) => current?.state !== "indexed").map(({ uri }) => uri);
  if (failures.length > 0) await pipeline.writer.clearFailures(failures, signal);
}

function tombstoneOf({ attempt: _, ...current }: DocumentRow): Commit {
  return {
    ...current,
    state: "deleted",
    committedAt: new Date().toISOString(),
    chunks: 0,
    records: 0,
    faultCount: 0,
    faults: [],
  };
}
