import type { Attempt, DocumentRow, Order } from "./types.ts";

/** Negative when `a` is older, 0 when they are the same, positive when `a` is newer. */
export function compareOrder(a: Order, b: Order): number {
  return a.generation - b.generation || a.reindex - b.reindex;
}

/**
 * The rule of the manifest: may `candidate` become the current row where `current` is? The greater order wins; at the
 * same order a tombstone wins over an indexed row, and between two rows of the same state the later commit wins.
 */
export function supersedes(
  candidate: Pick<DocumentRow, "order" | "state">,
  current: Pick<DocumentRow, "order" | "state"> | undefined,
): boolean {
  if (current === undefined) return true;
  const difference = compareOrder(candidate.order, current.order);
  if (difference !== 0) return difference > 0;
  return candidate.state === "deleted" || current.state !== "deleted";
}

/** One string for one attempt: equal exactly when all five parts are. */
export function attemptKey(attempt: Attempt): string {
  const { uri, order, version, fingerprint } = attempt;
  return JSON.stringify([uri, order.generation, order.reindex, version, fingerprint]);
}

/**
 * Do the chunks of `other` no longer count once `attempt` stands? True for lower orders of the same URI, and for the
 * same order under another version or fingerprint.
 */
export function isRetiredBy(other: Attempt, attempt: Attempt): boolean {
  if (other.uri !== attempt.uri) return false;
  const difference = compareOrder(other.order, attempt.order);
  return difference < 0 || (difference === 0 && attemptKey(other) !== attemptKey(attempt));
}
