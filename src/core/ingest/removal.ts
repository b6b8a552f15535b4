import { IsthmusError } from "../errors.ts";
import type { ListingSpill, Manifest, StoreWriter } from "../ports.ts";
import type { Commit, DocumentRow, ManifestEntry } from "../types.ts";
import type { Run } from "./process.ts";
import type { RemovalWindow } from "./removal-window.ts";
import { type Extent, inExtent } from "./scope.ts";

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
  readonly contents?: (digests: readonly string[]) => ReadonlySet<string>;
  /** What went in runs that belong together with this one; takes note of what this one finds. */
  readonly lately?: RemovalWindow | undefined;
}

/**
 * @returns how many entries there are in the extent.
 * @throws `mass_delete_refused` when removing these entries would pass both bounds of promise 4.
 */
export async function guardMassDelete(
  writer: Manifest,
  { extent, vanished, contents = () => new Set(), lately }: Guarded,
  signal?: AbortSignal,
): Promise<number> {
  let all = 0;
  let gone = 0;
  let moved = 0;
  let own = 0;
  for await (const entries of vanished) {
    all += entries.filter(({ uri }) => inExtent(uri, extent)).length;
    const indexed = entries.flatMap(({ current }) => (current?.state === "indexed" ? [current] : []));
    const held = contents(indexed.flatMap(({ digest }) => digest ?? []));
    const kept = indexed.filter(({ digest }) => digest !== undefined && held.has(digest)).length;
    moved += kept;
    gone += indexed.length - kept;
    own += indexed.filter(({ uri }) => inExtent(uri, extent)).length;
  }
  const before = lately?.sum() ?? { gone: 0, removed: 0 };
  const together = gone + before.gone;
  if (own === 0 || gone === 0 || together <= massDelete.documents) {
    lately?.add({ gone, removed: gone });
    return all;
  }
  const { documents } = await writer.count(extent.scope, signal);
  const refused = together > massDelete.share * (documents + before.removed);
  lately?.add({ gone, removed: refused ? 0 : gone });
  if (!refused) return all;
  const earlier = before.gone === 0 ? "" : `, after ${before.gone} that went shortly before,`;
  const renamed = moved === 0 ? "" : ` (${moved} more are there under another name)`;
  throw new IsthmusError(
    "mass_delete_refused",
    `${gone} of ${documents} documents under ${extent.scope}${earlier} would be removed${renamed}; none was. If that is right, run again with --allow-mass-delete (ISTHMUS_ALLOW_MASS_DELETE=true).`,
  );
}

/** Removes documents of a page: tombstones first, then chunks. An entry that holds a failure alone is forgotten. */
export async function removeEntries(
  { pipeline, options, emit }: Pick<Run, "options" | "emit"> & { readonly pipeline: { readonly writer: StoreWriter } },
  entries: readonly ManifestEntry[],
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const indexed = entries.flatMap(({ current }) => (current?.state === "indexed" ? [current] : []));
  if (indexed.length > 0) {
    for (const { row, supersededBy } of await pipeline.writer.remove(indexed.map(tombstone), signal)) {
      // A newer version came meanwhile, and stands.
      if (supersededBy !== undefined && supersededBy.state === "indexed") continue;
      emit({ kind: "document", uri: row.uri, outcome: "removed", chunks: 0, bytes: 0 });
    }
  }
  const failures = entries.filter(({ current }) => current?.state !== "indexed").map(({ uri }) => uri);
  if (failures.length > 0) await pipeline.writer.clearFailures(failures, signal);
}

function tombstone({ attempt: _, ...current }: DocumentRow): Commit {
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
