import { mapInOrder } from "../concurrency.ts";
import { type IsthmusError, toIsthmusError } from "../errors.ts";
import { compareOrder } from "../order.ts";
import type { Source, StoreWriter } from "../ports.ts";
import type { HeldDeletion } from "../types.ts";
import { pagesOf, removeEntries } from "./removal.ts";

const looksInFlight = 16;

export interface Settled {
  readonly removed: number;
  readonly kept: number;
  readonly unknown: readonly { readonly uri: string; readonly error: IsthmusError }[];
}

/**
 * Lets held deletions of a source go through that a person allowed. Those whose objects are there again are held no longer; those
 * that cannot be looked at stay as they are, and so does what was written anew since.
 */
export async function lookAndSettle(
  writer: StoreWriter,
  source: Source,
  held: readonly HeldDeletion[],
  signal?: AbortSignal,
): Promise<Settled> {
  let [removed, kept] = [0, 0];
  const unknown: { uri: string; error: IsthmusError }[] = [];
  const options = { allowMassDelete: true, ...(signal && { signal }) };
  const emit = () => {
    removed++;
  };
  for (const page of pagesOf(held)) {
    signal?.throwIfAborted();
    const orders = new Map(page.map(({ uri, order }) => [uri, order]));
    // Read before the look: no tombstone reaches what is written after it.
    const entries = await writer.entries([...orders.keys()], signal);
    const gone: (typeof entries)[number][] = [];
    const there: string[] = [];
    const looked = mapInOrder(inTurn(entries), looksInFlight, async (entry) => {
      try {
        return { entry, live: (await source.head(entry.uri, signal)) !== undefined };
      } catch (thrown) {
        return { entry, error: toIsthmusError(thrown) };
      }
    });
    for await (const { entry, live, error } of looked) {
      const order = orders.get(entry.uri);
      if (error !== undefined) {
        if (error.fatal) throw error;
        unknown.push({ uri: entry.uri, error });
      } else if (live === true) there.push(entry.uri);
      else if (order !== undefined && entry.current && compareOrder(entry.current.order, order) === 0) gone.push(entry);
    }
    await removeEntries({ pipeline: { writer }, options, emit }, gone);
    if (there.length > 0) await writer.release(there, signal);
    kept += there.length;
  }
  return { removed, kept, unknown };
}

async function* inTurn<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
