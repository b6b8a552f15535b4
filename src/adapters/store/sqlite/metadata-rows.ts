import { createHash } from "node:crypto";
import { metadataText, rangePoint } from "../../../core/filter.ts";
import type { Metadata, MetadataValue } from "../../../core/types.ts";

/** Values beyond this length are kept in the filter index by their digest. */
const LONGEST_PLAIN = 128;

export interface MetadataRow {
  readonly key: string;
  readonly value: string;
  readonly axis: "number" | "date" | null;
  readonly at: number | null;
}

/** What the filter index keeps of a chunk's metadata. */
export function metadataRows(metadata: Metadata): MetadataRow[] {
  return Object.entries(metadata).map(([key, value]) => {
    const point = rangePoint(value);
    return { key, value: valueKey(value), axis: point?.axis ?? null, at: point?.at ?? null };
  });
}

/** The text a value is looked up by: itself, or a digest where it is long (a CSV column may hold a whole essay). */
export function valueKey(value: MetadataValue): string {
  const text = metadataText(value);
  return text.length <= LONGEST_PLAIN ? text : `sha256 ${createHash("sha256").update(text).digest("hex")}`;
}
