import { membersOf, metadataText, rangePoint } from "../../../core/filter.ts";
import { sha256 } from "../../../core/identity.ts";
import type { Metadata, MetadataScalar } from "../../../core/types.ts";
import { rangeProperty } from "./schema.ts";

/** Values beyond this length are looked up by their digest. */
const longestPlain = 128;

/**
 * `key=value` as filters look it up. A `=` in the key is escaped, so that no two pairs look alike; values that are long,
 * or that end in white space (Weaviate would trim it), stand as their digest.
 */
export function metadataPair(key: string, value: MetadataScalar): string {
  const text = metadataText(value);
  const plain = text.length <= longestPlain && !/\s$/.test(text) && !text.startsWith("sha256 ");
  return `${keyText(key)}=${plain ? text : `sha256 ${sha256(text)}`}`;
}

export function metadataPairs(metadata: Metadata): string[] {
  const pairs = Object.entries(metadata).flatMap(([key, value]) =>
    membersOf(value).map((member) => metadataPair(key, member)),
  );
  return [...new Set(pairs)];
}

/** A `=` would end the key, and Weaviate would trim white space before it. */
function keyText(key: string): string {
  const escaped = key.normalize("NFC").replaceAll("%", "%25").replaceAll("=", "%3D");
  return escaped.replace(/^\s+/, (space) => encodeURIComponent(space));
}

/** The values of declared keys, by the property that ranges look at. Dates are milliseconds since 1970. */
export function rangeValues(metadata: Metadata, rangeKeys: readonly string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const key of rangeKeys) {
    const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    const point = value === undefined ? undefined : rangePoint(value);
    if (point !== undefined) values[rangeProperty(key, point.axis)] = point.at;
  }
  return values;
}
