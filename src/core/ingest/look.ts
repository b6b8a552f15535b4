import { mapInOrder } from "../concurrency.ts";
import type { Source } from "../ports.ts";
import type { ObjectRef } from "../types.ts";

/** Looks that are under way at once. */
const looksInFlight = 16;

/** What is there now under a URI; `error` is whatever was thrown. */
export type Look<Item> =
  | { readonly item: Item; readonly live: ObjectRef | undefined }
  | { readonly item: Item; readonly error: unknown };

/** Looks at live objects side by side, and tells in order. */
export async function* lookAt<Item extends { readonly uri: string }>(
  source: Source,
  items: readonly Item[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Look<Item>> {
  yield* mapInOrder(inTurn(items), looksInFlight, async (item): Promise<Look<Item>> => {
    try {
      return { item, live: await source.head(item.uri, signal) };
    } catch (error) {
      return { item, error };
    }
  });
}

async function* inTurn<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
