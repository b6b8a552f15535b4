import { createHash } from "node:crypto";
import { membersOf, metadataText, rangePoint } from "../../../core/filter.ts";
import type { Metadata, MetadataScalar } from "../../../core/types.ts";

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
  const rows = Object.entries(metadata).flatMap(([name, value]) => {
    const key = name.normalize("NFC");
    const point = rangePoint(value);
    return membersOf(value).map((member) => ({
      key,
      value: valueKey(member),
      axis: point?.axis ?? null,
      at: point?.at ?? null,
    }));
  });
  // Two keys may be one in NFC.
  return [...new Map(rows.map((row) => [JSON.stringify([row.key, row.value]), row])).values()];
}

/** The text a value is looked up by: itself, or a digest where it is long (a CSV column may hold a whole essay). */
export function valueKey(value: MetadataScalar): string {
  const text = metadataText(value);
  return text.length <= LONGEST_PLAIN ? text : `sha256 ${createHash("sha256").update(text).digest("hex")}`;
}
