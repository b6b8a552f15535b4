import type { Metadata, MetadataValue } from "../../core/types.ts";
import { cleanText } from "./clean.ts";

const ownFields = new Set(["id", "_id", "text", "title", "metadata"]);
// Deeper than this, a value is data of some program and nothing a filter would name.
const deepest = 8;

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as metadata: scalars stay, an array of scalars becomes "a, b"; anything else is undefined. */
function scalar(value: unknown): MetadataValue | undefined {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "boolean") return value;
  // 1e999 is valid JSON and parses to Infinity, which no store can hold.
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const parts = value.map((part: unknown) => (Array.isArray(part) ? undefined : scalar(part)));
  return parts.every((part) => part !== undefined) ? parts.join(", ") : undefined;
}

function* flatten(object: Record<string, unknown>, prefix: string, depth: number): Generator<[string, MetadataValue]> {
  for (const [name, value] of Object.entries(object)) {
    const key = `${prefix}${cleanText(name)}`;
    if (isJsonObject(value)) {
      if (depth < deepest) yield* flatten(value, `${key}.`, depth + 1);
      continue;
    }
    const kept = scalar(value);
    if (kept !== undefined) yield [key, kept];
  }
}

/**
 * The metadata of a record: its field `metadata`, and any other strings, numbers and booleans beside `text` (`metadata`
 * wins). Nested objects are flattened with dots (`author.name`), arrays of scalars are joined with ", "; nulls, arrays
 * of anything else, and fields beside `metadata` that are not scalars (embeddings, say) are left out.
 */
export function jsonMetadata(record: Record<string, unknown>, textKey = "text"): Metadata {
  const beside = Object.entries(record).flatMap(([name, value]): [string, MetadataValue][] => {
    const kept = ownFields.has(name) || name === textKey || Array.isArray(value) ? undefined : scalar(value);
    return kept === undefined ? [] : [[cleanText(name), kept]];
  });
  const { metadata } = record;
  // fromEntries defines own properties: a field named __proto__ is a field like any other.
  return Object.fromEntries([...beside, ...(isJsonObject(metadata) ? flatten(metadata, "", 1) : [])]);
}
