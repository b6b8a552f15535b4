/** Documents that an ingest would list and not index, and why. */
export interface LeftOut {
  /** `skipped`: nobody promised that it is text. `empty`: indexed, without anything to find. */
  readonly outcome: "skipped" | "failed" | "empty";
  readonly code: string;
  /** A content type, or an extension where there is none that is read. */
  readonly kind: string;
  readonly documents: number;
  readonly bytes: number;
}

/** Kinds told apart; what comes after them is counted together. */
const mostKinds = 100;

/** Counts what is left out by outcome, reason and kind. */
export function createLeftOut() {
  const counted = new Map<string, LeftOut>();
  return {
    add(outcome: LeftOut["outcome"], code: string, kind: string, bytes: number): void {
      const known = counted.has(`${outcome} ${code} ${kind}`) || counted.size < mostKinds;
      const told = known ? kind : "others";
      const key = `${outcome} ${code} ${told}`;
      const before = counted.get(key);
      counted.set(key, {
        outcome,
        code,
        kind: told,
        documents: (before?.documents ?? 0) + 1,
        bytes: (before?.bytes ?? 0) + bytes,
      });
    },
    /** The most frequent first. */
    all: (): LeftOut[] => [...counted.values()].toSorted((left, right) => right.documents - left.documents),
  };
}
