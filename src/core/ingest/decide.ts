import type { DocumentRow, FailureRow, ManifestEntry, ObjectRef, Order } from "../types.ts";

export type Decision =
  /** The index holds this very version; `recovered`: a failure recorded for another version no longer stands. */
  | { readonly kind: "unchanged"; readonly recovered: boolean }
  /** The index already knows a later version of the object than the listing did. */
  | { readonly kind: "superseded" }
  /** A foreign file, seen before at this version. */
  | { readonly kind: "skipped"; readonly failure: FailureRow }
  /** Failed at this version as often as is tried. */
  | { readonly kind: "given-up"; readonly failure: FailureRow }
  | {
      readonly kind: "write";
      readonly order: Order;
      readonly outcome: "added" | "changed";
      /** The version was deleted from the index; only a look at the live object can readmit it. */
      readonly needsLiveObject: boolean;
    };

/** What one listed object asks for, given what the manifest knows of its URI (promises 1, 3 and 5). */
export function decide(
  ref: ObjectRef,
  entry: ManifestEntry,
  /** Of what is made as it would be made now. */
  fingerprints: ReadonlySet<string>,
  rules: {
    readonly maxAttempts: number;
    readonly retryFailed: boolean;
    /** Whether a version that is indexed is written again where the fingerprint is another; default true. */
    readonly reindex?: boolean;
  },
): Decision {
  const { current, failure } = entry;
  const { reindex = true } = rules;
  const indexed = current?.state === "indexed" && current.version === ref.version;
  if (indexed && (!reindex || isMadeAsNow(current, fingerprints))) {
    return { kind: "unchanged", recovered: failure !== undefined };
  }
  if (isOlder(ref, current)) return { kind: "superseded" };
  if (failure !== undefined && failure.version === ref.version && fingerprints.has(failure.fingerprint)) {
    if (failure.state === "skipped") return { kind: "skipped", failure };
    if (failure.attempts >= rules.maxAttempts && !rules.retryFailed) return { kind: "given-up", failure };
  }
  return {
    kind: "write",
    order: nextOrder(ref, current),
    outcome: current?.state === "indexed" ? "changed" : "added",
    needsLiveObject: current?.state === "deleted" && ref.generation === current.order.generation,
  };
}

/** Whether what the row is of would come out the same today. */
export function isMadeAsNow(
  { ownFingerprint, fingerprint }: Pick<DocumentRow, "ownFingerprint" | "fingerprint">,
  fingerprints: ReadonlySet<string>,
): boolean {
  return fingerprints.has(ownFingerprint ?? fingerprint);
}

function isOlder(ref: ObjectRef, current: DocumentRow | undefined): boolean {
  return current !== undefined && ref.generation !== undefined && ref.generation < current.order.generation;
}

/**
 * The source's generation where it has one; else the manifest counts, and every change of a file, back to older content
 * too, is the next number. The same version under another fingerprint is a re-indexing of the same generation.
 */
function nextOrder(ref: ObjectRef, current: DocumentRow | undefined): Order {
  if (current === undefined) return { generation: ref.generation ?? 1, reindex: 0 };
  const { generation, reindex } = current.order;
  if (ref.generation !== undefined) {
    return ref.generation === generation
      ? { generation, reindex: reindex + 1 }
      : { generation: ref.generation, reindex: 0 };
  }
  const sameVersion = current.state === "indexed" && current.version === ref.version;
  return sameVersion ? { generation, reindex: reindex + 1 } : { generation: generation + 1, reindex: 0 };
}
