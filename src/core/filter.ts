import { IsthmusError, present } from "./errors.ts";
import type { Filter, MetadataScalar, MetadataValue, SearchQuery } from "./types.ts";

/** A point on one of the two axes that ranges compare on; dates are milliseconds since 1970 (UTC). */
export interface RangePoint {
  readonly axis: "number" | "date";
  readonly at: number;
}

/** Inclusive bounds on one axis. */
export interface RangeBounds {
  readonly axis: "number" | "date";
  readonly from: number;
  readonly to: number;
}

const MAX_LIMIT = 1_000;
/** Bounds of a filter, the same at every door; more would only make a query that nobody meant. */
export const filterLimits = {
  /** Characters of the URI. */
  uri: 4_096,
  /** Keys of `metadata`, and of `range`. */
  keys: 32,
  /** Characters of a key. */
  key: 200,
  /** Values of one list. */
  list: 1_000,
} as const;
/** Distinct terms of one query: the model reads no more tokens of it either, and each costs a pass over its chunks. */
export const MAX_TERMS = 256;
/** Members of a document's list that filters see. */
const MAX_MEMBERS = 1_000;
/** A whole number as programs write decimals: what stands before the point says it all. */
const WHOLE = /^(-?\d{1,15})\.0+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}(-\d{2})?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Checks a search against the grammar that all stores share.
 * @throws `query_invalid` with the field at fault.
 */
export function validateSearch(query: SearchQuery, dimensions: number, rangeKeys: readonly string[]): void {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > MAX_LIMIT) {
    throw invalid("limit", `The limit is ${query.limit}; give a whole number from 1 to ${MAX_LIMIT}.`);
  }
  if (query.mode !== "keyword") {
    if (query.vector === undefined) throw invalid("vector", `A ${query.mode} search needs a vector.`);
    if (query.vector.length !== dimensions) {
      throw invalid("vector", `The query vector has ${query.vector.length} dimensions; the index has ${dimensions}.`);
    }
  }
  if (query.mode !== "vector" && query.terms === undefined) {
    throw invalid("terms", `A ${query.mode} search needs analysed terms.`);
  }
  if (query.mode !== "vector") validateTerms(present(query.terms, "the terms of a search"));
  if (query.filter !== undefined) validateFilter(query.filter, rangeKeys);
}

/** @throws `query_invalid` for too many different words. */
export function validateTerms(terms: readonly string[]): void {
  const different = new Set(terms).size;
  if (different <= MAX_TERMS) return;
  throw invalid("query", `The query has ${different} different words to look for; ask in at most ${MAX_TERMS}.`);
}

/**
 * Checks a filter; what passes can be run by every store.
 * @throws `query_invalid` with the field at fault: a range on an undeclared key, a bound that is neither number nor date.
 */
export function validateFilter(filter: Filter, rangeKeys: readonly string[]): void {
  validateFilterSize(filter);
  for (const [key, range] of Object.entries(filter.range ?? {})) {
    if (!rangeKeys.includes(key)) {
      const declared = rangeKeys.length === 0 ? "none is" : `declared: ${rangeKeys.join(", ")}`;
      throw invalid(
        `filter.range.${key}`,
        `Ranges work on declared metadata keys only (${declared}). Declare "${key}" in ISTHMUS_RANGE_KEYS.`,
      );
    }
    rangeBounds(key, range);
  }
}

/**
 * Holds a filter to its bounds, whatever the index has declared.
 * @throws `query_invalid` with the field at fault.
 */
export function validateFilterSize({ uri = "", metadata = {}, range = {} }: Filter): void {
  if (uri.length > filterLimits.uri) {
    throw invalid("filter.uri", `filter.uri has ${uri.length} characters; at most ${filterLimits.uri} are allowed.`);
  }
  for (const [part, conditions] of Object.entries({ metadata, range })) {
    const field = `filter.${part}`;
    const keys = Object.keys(conditions);
    if (keys.length > filterLimits.keys) {
      throw invalid(field, `${field} has ${keys.length} keys; at most ${filterLimits.keys} are allowed.`);
    }
    if (keys.some((key) => key.length > filterLimits.key)) {
      throw invalid(field, `A key of ${field} has over ${filterLimits.key} characters.`);
    }
  }
  for (const [key, wanted] of Object.entries(metadata)) {
    if (!Array.isArray(wanted) || wanted.length <= filterLimits.list) continue;
    const text = `The list has ${wanted.length} values; 1 to ${filterLimits.list} are allowed.`;
    throw invalid(`filter.metadata.${key}`, text);
  }
}

/**
 * The bounds of a range as numbers. A day or a month given as `to` includes all of it.
 * @throws `query_invalid` for a bound that is neither, for none at all, and for a number with a date.
 */
export function rangeBounds(
  key: string,
  range: { readonly from?: number | string; readonly to?: number | string },
): RangeBounds {
  const field = `filter.range.${key}`;
  const from = bound(range.from, field, "from");
  const to = bound(range.to, field, "to");
  if (from !== undefined && to !== undefined && from.axis !== to.axis) {
    throw invalid(field, `The range of "${key}" mixes a number and a date.`);
  }
  const axis = from?.axis ?? to?.axis;
  if (axis === undefined) throw invalid(field, `The range of "${key}" needs "from", "to" or both.`);
  const last = to === undefined ? Number.MAX_VALUE : endOf(range.to, to);
  return { axis, from: from?.at ?? -Number.MAX_VALUE, to: last };
}

/** Where a metadata value stands for ranges, or undefined when it is neither a number nor an ISO date; several stand nowhere. */
export function rangePoint(values: MetadataValue): RangePoint | undefined {
  const [value, ...more] = membersOf(values);
  if (value === undefined || more.length > 0) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? { axis: "number", at: value } : undefined;
  if (typeof value !== "string" || value.length > 40) return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) {
    const at = Number(text);
    return Number.isFinite(at) ? { axis: "number", at } : undefined;
  }
  if (!DATE.test(text) && !INSTANT.test(text)) return undefined;
  // A time without a zone means UTC, so that the same index answers alike on every machine.
  const zoned = INSTANT.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? undefined : { axis: "date", at };
}

/**
 * What metadata values compare by, stored and asked for: their text in one Unicode form (NFC), a whole number without its
 * `.0`. Nothing else of a number is changed: `1.10` and `1.1` may be two versions.
 */
export function metadataText(value: MetadataScalar): string {
  return String(value).normalize("NFC").replace(WHOLE, "$1");
}

/** Each of the values that a document has of one key, or that a filter asks for. */
export function membersOf(value: MetadataValue): readonly MetadataScalar[] {
  return Array.isArray(value) ? value.slice(0, MAX_MEMBERS) : [value as MetadataScalar];
}

/** The least string, in code point order, above every string that starts with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix.toWellFormed(), (character) => present(character.codePointAt(0), "a code point"));
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // The next code point that UTF-8 can hold: surrogates have none.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}

function bound(value: number | string | undefined, field: string, side: "from" | "to"): RangePoint | undefined {
  if (value === undefined) return undefined;
  const point = rangePoint(value);
  if (point === undefined) throw invalid(`${field}.${side}`, `"${side}" must be a number or an ISO 8601 date.`);
  return point;
}

function endOf(given: number | string | undefined, point: RangePoint): number {
  const text = String(given).trim();
  if (point.axis === "number" || !DATE.test(text)) return point.at;
  const end = new Date(point.at);
  if (text.length > 7) end.setUTCDate(end.getUTCDate() + 1);
  else end.setUTCMonth(end.getUTCMonth() + 1);
  return end.getTime() - 1;
}

function invalid(field: string, message: string): IsthmusError {
  return new IsthmusError("query_invalid", message, { field });
}
