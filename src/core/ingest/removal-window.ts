/** Documents that went, and how many of them were removed from the index (the others were refused, and stay in it). */
export interface Removals {
  readonly gone: number;
  readonly removed: number;
}

/**
 * Remembers what went lately. A watcher tells of one large deletion in several lots, each of which may be small enough for
 * promise 4; with what went before it none slips through.
 */
export interface RemovalWindow {
  add(removals: Removals): void;
  /** What was added within the window. */
  sum(): Removals;
}

/** @param milliseconds how long a removal is remembered. @param now a clock in milliseconds that never goes back. */
export function createRemovalWindow(milliseconds: number, now: () => number = () => performance.now()): RemovalWindow {
  let remembered: (Removals & { readonly at: number })[] = [];
  return {
    add({ gone, removed }) {
      if (gone > 0) remembered.push({ gone, removed, at: now() });
    },
    sum() {
      const since = now() - milliseconds;
      remembered = remembered.filter(({ at }) => at > since);
      return remembered.reduce(
        (sum, { gone, removed }) => ({ gone: sum.gone + gone, removed: sum.removed + removed }),
        { gone: 0, removed: 0 },
      );
    },
  };
}
