import type { Metadata, MetadataScalar, MetadataValue } from "../../core/types.ts";
import { cleanText } from "./clean.ts";

const ownFields = new Set(["id", "_id", "text", "title", "metadata"]);
// Deeper than this, a value is data of some program and nothing a filter would name.
const deepest = 8;
// As many numbers in a row are a vector.
export const fewestOfVector = 17;

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as metadata; undefined for what is none. */
function scalar(value: unknown): MetadataScalar | undefined {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "boolean") return value;
  // 1e999 is valid JSON and parses to Infinity, which no store can hold.
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Scalars, and lists of nothing else; a vector is no metadata. */
function metadataValue(value: unknown): MetadataValue | undefined {
  if (!Array.isArray(value)) return scalar(value);
  if (value.length >= fewestOfVector && value.every((part) => typeof part === "number")) return undefined;
  const parts = value.map(scalar);
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts : undefined;
}

/** Beside the metadata, numbers in a row are data of some program. */
function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((part) => typeof part === "number");
}

function* flatten(object: Record<string, unknown>, prefix: string, depth: number): Generator<[string, MetadataValue]> {
  for (const [name, value] of Object.entries(object)) {
    const key = `${prefix}${cleanText(name)}`;
    if (isJsonObject(value)) {
      if (depth < deepest) yield* flatten(value, `${key}.`, depth + 1);
      continue;
    }
    const kept = metadataValue(value);
    if (kept !== undefined) yield [key, kept];
  }
}

/**
 * The metadata of a record: its field `metadata`, and any other strings, numbers, booleans and lists of them beside `text`
 * (`metadata` wins). Nested objects are flattened with dots (`author.name`), lists of scalars stay lists; nulls, lists of
 * anything else, vectors, and objects and lists of numbers beside `metadata` are left out.
 */
export function jsonMetadata(record: Record<string, unknown>, textKey = "text"): Metadata {
  const beside = Object.entries(record).flatMap(([name, value]): [string, MetadataValue][] => {
    const kept = ownFields.has(name) || name === textKey || isNumbers(value) ? undefined : metadataValue(value);
    return kept === undefined ? [] : [[cleanText(name), kept]];
  });
  const { metadata } = record;
  // fromEntries defines own properties: a field named __proto__ is a field like any other.
  return Object.fromEntries([...beside, ...(isJsonObject(metadata) ? flatten(metadata, "", 1) : [])]);
}
