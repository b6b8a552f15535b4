import type { Estimates } from "./estimate.ts";
import { plus, type Range, times } from "./range.ts";

export type StoreKind = "sqlite" | "weaviate";

interface Footprint {
  /** Bytes of a chunk without text, of vectors with so many dimensions. */
  readonly chunk: (dimensions: number) => number;
  /** Bytes for each byte of its text: the text, its terms and their index. */
  readonly textByte: number;
  readonly scatter: Range;
}

/**
 * Measured on 10,000 chunks of made sentences (114, 689 and 1,034 bytes on average, ten to a document), vectors of 384 and
 * of 768 dimensions, by the files of the store after it was closed: SQLite 2,221, 3,005, 3,484 and 5,512 bytes a chunk,
 * Weaviate 1.39.0 with one node 5,120, 6,133, 6,724 and 8,241. While it ran, Weaviate held up to a third more that it had
 * not compacted yet.
 */
const footprints: Readonly<Record<StoreKind, Footprint>> = {
  sqlite: {
    chunk: (dimensions) => Math.max(4.3 * dimensions, 6.5 * dimensions - 440),
    textByte: 1.37,
    scatter: { low: 0.9, expected: 1, high: 1.15 },
  },
  weaviate: {
    chunk: (dimensions) => 5.5 * dimensions + 2810,
    textByte: 1.74,
    scatter: { low: 0.9, expected: 1, high: 1.35 },
  },
};

/** Bytes on disk of one copy of the chunks. */
export function storageOf(
  { chunks, textBytes }: Pick<Estimates, "chunks" | "textBytes">,
  store: StoreKind,
  dimensions: number,
): Range {
  const { chunk, textByte, scatter } = footprints[store];
  const each = chunk(dimensions);
  const vectors = times(chunks, { low: each, expected: each, high: each });
  const texts = times(textBytes, { low: textByte, expected: textByte, high: textByte });
  return times(plus(vectors, texts), scatter);
}
