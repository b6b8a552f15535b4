import type { IsthmusError } from "../errors.ts";
import type { Outcome } from "../ingest-types.ts";
import type { ObjectRef } from "../types.ts";

/** What is known of an object that may have changed. */
export interface Hinted {
  readonly uri: string;
  /** The object as it was written, if that is known; without it the live object is asked. */
  readonly ref?: ObjectRef;
  /** Whether the same version is written again where the index has it under another fingerprint; default true. */
  readonly reindex?: boolean;
}

/** What became of one hint. */
export interface HintResult {
  readonly uri: string;
  /** `outside`: not of this source. `gone`: there is nothing, and the index has nothing. */
  readonly outcome: Outcome | "outside" | "gone";
  /** Why it failed. A retryable one may pass by itself; any other is a verdict, and is recorded. */
  readonly error?: IsthmusError;
}

/** Each URI once. What is said of one together: the latest object, unless somebody said to ask the live one. */
export function joinHints(hints: readonly Hinted[]): Hinted[] {
  const joined = new Map<string, Hinted>();
  for (const hint of hints) {
    const before = joined.get(hint.uri);
    joined.set(hint.uri, before === undefined ? hint : join(before, hint));
  }
  return [...joined.values()];
}

function join(a: Hinted, b: Hinted): Hinted {
  const { uri } = a;
  const reindex = a.reindex !== false || b.reindex !== false;
  const ref = a.ref && b.ref && latest(a.ref, b.ref);
  return { uri, ...(ref && { ref }), reindex };
}

/** Undefined where nobody can tell. */
function latest(a: ObjectRef, b: ObjectRef): ObjectRef | undefined {
  if (a.generation === undefined || b.generation === undefined) return undefined;
  return a.generation >= b.generation ? a : b;
}
