import { IsthmusError } from "../errors.ts";
import type { ListingSpill, StoreWriter } from "../ports.ts";
import type { DocumentRow, ManifestEntry } from "../types.ts";
import { commit } from "./document.ts";
import type { RemovalWindow } from "./removal-window.ts";
import { type Extent, inExtent } from "./scope.ts";

const entriesPerPage = 500;

/** Promise 4: a run over both bounds stops and asks. */
export const massDelete = { documents: 20, share: 0.2 } as const;

/** Entries of the manifest in the scope, in pages. */
export async function* scopedEntries(writer: StoreWriter, scope: string): AsyncGenerator<ManifestEntry[]> {
  if (!scope.endsWith("/")) {
    const entries = await writer.entries([scope]);
    yield entries.filter((entry) => entry.current?.state === "indexed" || entry.failure !== undefined);
    return;
  }
  let after: string | undefined;
  for (;;) {
    const page = await writer.page(scope, after, entriesPerPage);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.uri;
  }
}

/** Entries in the extent whose object the listing does not hold, and could have held. */
export async function* vanishedEntries(
  writer: StoreWriter,
  extent: Extent,
  spill: ListingSpill,
): AsyncGenerator<ManifestEntry[]> {
  for await (const page of scopedEntries(writer, extent.scope)) {
    const present = spill.present(page.map((entry) => entry.uri));
    const missing = page.filter((entry) => inExtent(entry.uri, extent) && !present.has(entry.uri));
    const hidden = spill.hidden(missing.map((entry) => entry.uri));
    const gone = missing.filter((entry) => !hidden.has(entry.uri));
    if (gone.length > 0) yield gone;
  }
}

/**
 * @param lately what went in runs that belong together with this one; takes note of what this one finds.
 * @returns how many entries there are.
 * @throws `mass_delete_refused` when removing these entries would pass both bounds of promise 4.
 */
export async function guardMassDelete(
  writer: StoreWriter,
  extent: Extent,
  vanished: AsyncIterable<readonly ManifestEntry[]> | readonly (readonly ManifestEntry[])[],
  lately?: RemovalWindow,
): Promise<number> {
  let all = 0;
  let gone = 0;
  for await (const entries of vanished) {
    all += entries.length;
    gone += entries.filter((entry) => entry.current?.state === "indexed").length;
  }
  const before = lately?.sum() ?? { gone: 0, removed: 0 };
  const together = gone + before.gone;
  if (gone === 0 || together <= massDelete.documents) {
    lately?.add({ gone, removed: gone });
    return all;
  }
  const documents = await countDocuments(writer, extent);
  const refused = together > massDelete.share * (documents + before.removed);
  lately?.add({ gone, removed: refused ? 0 : gone });
  if (!refused) return all;
  const earlier = before.gone === 0 ? "" : `, after ${before.gone} that went shortly before,`;
  throw new IsthmusError(
    "mass_delete_refused",
    `${gone} of ${documents} documents under ${extent.scope}${earlier} would be removed; none was. If that is right, run again with --allow-mass-delete (ISTHMUS_ALLOW_MASS_DELETE=true).`,
  );
}

async function countDocuments(writer: StoreWriter, extent: Extent): Promise<number> {
  if (extent.owns === undefined) return (await writer.count(extent.scope)).documents;
  let documents = 0;
  for await (const page of scopedEntries(writer, extent.scope)) {
    documents += page.filter((entry) => entry.current?.state === "indexed" && inExtent(entry.uri, extent)).length;
  }
  return documents;
}

/** Tombstone first, then the chunks. Returns whether a document was removed (and not only a recorded failure). */
export async function removeDocument(writer: StoreWriter, entry: ManifestEntry): Promise<boolean> {
  if (entry.current?.state === "indexed") {
    await commit({ writer }, tombstone(entry.current));
    return true;
  }
  await writer.clearFailure(entry.uri);
  return false;
}

function tombstone(current: DocumentRow): DocumentRow {
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
