import type { DocumentRow, Order } from "./types.ts";

/** Negative when `a` is older, 0 when they are the same, positive when `a` is newer. */
export function compareOrder(a: Order, b: Order): number {
  return a.generation - b.generation || a.reindex - b.reindex;
}

/** What the rule of the manifest looks at. */
export type Ranked = Pick<DocumentRow, "order" | "state" | "committedAt" | "attempt">;

/**
 * The rule of the manifest: negative when row `a` of a URI stands below row `b`. The greater order wins; at the same order
 * a tombstone wins over an indexed row; between two of the same kind the later commit, and of two commits of one
 * millisecond the greater name of the attempt. It is a total order over rows, so that everybody who sees the same rows
 * names the same current one, whatever clocks wrote `committedAt`: they choose between equals, and no more.
 */
export function compareRows(a: Ranked, b: Ranked): number {
  return (
    compareOrder(a.order, b.order) ||
    Number(a.state === "deleted") - Number(b.state === "deleted") ||
    compareText(a.committedAt, b.committedAt) ||
    compareText(a.attempt, b.attempt)
  );
}

/** May `candidate` become the current row where `current` is? */
export function supersedes(candidate: Ranked, current: Ranked | undefined): boolean {
  return current === undefined || compareRows(candidate, current) > 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
