import type { Settings } from "../config/settings.ts";
import { type IsthmusError, toIsthmusError } from "../core/errors.ts";
import { lookAndSettle } from "../core/ingest/held.ts";
import type { StoreWriter } from "../core/ports.ts";
import type { HeldDeletion } from "../core/types.ts";
import { openLook } from "./source.ts";

export interface Allowed {
  readonly removed: number;
  /** Documents whose objects are in the source again: they are held no longer. */
  readonly kept: number;
  /** Those that nobody could look at. */
  readonly unknown: readonly { readonly uri: string; readonly error: IsthmusError }[];
}

/** Removes what was held, after a look at each live object in the source it is of. */
export async function allowHeld(
  writer: StoreWriter,
  held: readonly HeldDeletion[],
  settings: Settings,
  signal: AbortSignal,
): Promise<Allowed> {
  let [removed, kept] = [0, 0];
  const unknown: { uri: string; error: IsthmusError }[] = [];
  for (const [scope, deletions] of Map.groupBy(held, (deletion) => deletion.scope)) {
    try {
      const source = await openLook(scope, settings);
      try {
        const settled = await lookAndSettle(writer, source, deletions, signal);
        removed += settled.removed;
        kept += settled.kept;
        unknown.push(...settled.unknown);
      } finally {
        await source.close();
      }
    } catch (thrown) {
      const error = toIsthmusError(thrown);
      if (error.fatal) throw error;
      unknown.push(...deletions.map(({ uri }) => ({ uri, error })));
    }
  }
  return { removed, kept, unknown };
}
