import { sha256 } from "../identity.ts";
import type { Source } from "../ports.ts";
import type { ObjectRef } from "../types.ts";

/** An object that may be read, and where it lies. */
export interface Candidate {
  readonly source: Source;
  readonly ref: ObjectRef;
}

/**
 * Documents that are alike: of one kind, and within a factor of four in size. What a sample of them gives for a byte holds
 * for the others far better than it would for a mixture: a short document is one chunk whatever its length.
 */
export interface Stratum {
  readonly kind: string;
  readonly documents: number;
  readonly bytes: number;
  /** Bytes of the largest. */
  readonly largest: number;
  /** Some of the documents, drawn evenly; the same ones in every run, in whatever order they were listed. */
  readonly drawn: readonly Candidate[];
}

export interface Strata {
  add(kind: string, candidate: Candidate): void;
  all(): Stratum[];
}

interface Growing {
  readonly kind: string;
  documents: number;
  bytes: number;
  largest: number;
  /** Ascending by key. */
  readonly drawn: { readonly key: number; readonly candidate: Candidate }[];
}

/**
 * Sorts documents into strata as they are listed. What is kept does not grow with the listing: of each stratum the
 * documents whose hashes are the least, which is a draw without replacement.
 *
 * @param most drawn from each stratum.
 */
export function createStrata(most: number): Strata {
  const strata = new Map<string, Growing>();
  return {
    add(kind, candidate) {
      const { uri, size } = candidate.ref;
      const name = `${kind} ${sizeClass(size)}`;
      const stratum = strata.get(name) ?? { kind, documents: 0, bytes: 0, largest: 0, drawn: [] };
      strata.set(name, stratum);
      stratum.documents++;
      stratum.bytes += size;
      stratum.largest = Math.max(stratum.largest, size);
      const key = Number.parseInt(sha256(`sample ${uri}`).slice(0, 12), 16);
      const last = stratum.drawn.at(-1);
      if (stratum.drawn.length >= most && last !== undefined && last.key <= key) return;
      const at = stratum.drawn.findIndex((drawn) => drawn.key > key);
      stratum.drawn.splice(at < 0 ? stratum.drawn.length : at, 0, { key, candidate });
      if (stratum.drawn.length > most) stratum.drawn.pop();
    },
    all: () =>
      [...strata.values()].map(({ drawn, ...counts }) => ({
        ...counts,
        drawn: drawn.map(({ candidate }) => candidate),
      })),
  };
}

/** 0 for up to 3 bytes, 1 to 15, 2 to 63, and so on. */
function sizeClass(bytes: number): number {
  return Math.floor(Math.log2(Math.max(1, bytes)) / 2);
}
