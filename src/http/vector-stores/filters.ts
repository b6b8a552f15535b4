import { IsthmusError } from "../../core/errors.ts";
import { rangeBounds } from "../../core/filter.ts";
import type { Filter } from "../../core/types.ts";
import type { AttributeFilter, ComparisonFilter } from "./schema.ts";

/** Filters within filters; each costs a call of its own here. */
const maxDepth = 8;

interface Conditions {
  readonly metadata: Map<string, NonNullable<Filter["metadata"]>[string]>;
  readonly range: Map<string, { from?: number | string; to?: number | string }>;
}

/**
 * Refuses what is nested too deep, before anything walks down into it.
 * @throws `query_invalid`
 */
export function checkDepth(filters: unknown): void {
  let level: unknown[] = [filters];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw refusal(`filters are nested over ${maxDepth} deep. Write them flatter.`);
    level = level.flatMap((filter) => {
      const inner = typeof filter === "object" && filter !== null && "filters" in filter ? filter.filters : [];
      return Array.isArray(inner) ? inner : [];
    });
  }
}

/**
 * OpenAI's filters in the grammar that both stores share. What that grammar cannot say is refused: an answer to another question would look
 * like an answer to this one.
 *
 * @throws `query_invalid`
 */
export function toFilter(filters: AttributeFilter): Filter {
  const conditions: Conditions = { metadata: new Map(), range: new Map() };
  add(filters, conditions);
  return {
    ...(conditions.metadata.size > 0 && { metadata: Object.fromEntries(conditions.metadata) }),
    ...(conditions.range.size > 0 && { range: Object.fromEntries(conditions.range) }),
  };
}

function add(filter: AttributeFilter, conditions: Conditions): void {
  if ("key" in filter) addComparison(filter, conditions);
  else if (filter.type === "or") addComparison(oneOf(filter.filters), conditions);
  else for (const one of filter.filters) add(one, conditions);
}

function addComparison({ type, key, value }: ComparisonFilter, { metadata, range }: Conditions): void {
  if (type === "eq" || type === "in") {
    if (Array.isArray(value) !== (type === "in")) {
      throw refusal(
        type === "in" ? "A filter of type in takes a list of values." : "A filter of type eq takes one value.",
      );
    }
    if (metadata.has(key)) {
      throw refusal("Two filters of eq or in are on the same key. Give that key one list, by a filter of type in.");
    }
    metadata.set(key, value);
    return;
  }
  if (type === "ne" || type === "nin") {
    throw refusal(`A filter of type ${type} cannot be searched by. Filter by what is wanted, with eq or in.`);
  }
  if (typeof value === "boolean" || Array.isArray(value)) {
    throw refusal(`A filter of type ${type} takes a number or an ISO date.`);
  }
  const side = type === "gt" || type === "gte" ? "from" : "to";
  const bounds = range.get(key) ?? {};
  if (bounds[side] !== undefined)
    throw refusal(`Two filters bound the same key on the same side. Leave out the wider.`);
  range.set(key, { ...bounds, [side]: type === "gt" ? after(key, value) : type === "lt" ? before(key, value) : value });
}

/** Alternatives on one key are a list of its values; on several keys, or of anything but values, there is no such search. */
function oneOf(filters: readonly AttributeFilter[]): ComparisonFilter {
  const flat = filters.map((filter): ComparisonFilter => {
    if (filter.type === "or") return oneOf(filter.filters);
    if ("key" in filter && (filter.type === "eq" || filter.type === "in")) return filter;
    throw refusal("A filter of type or joins filters of eq and in only.");
  });
  const values = flat.flatMap(({ value }) => value);
  const [key, ...others] = new Set(flat.map((filter) => filter.key));
  if (key === undefined) throw refusal("A filter of type or joins no filters.");
  if (others.length > 0) {
    throw refusal("A filter of type or joins filters on one key only. Search once for each key, and join the results.");
  }
  return { type: "in", key, value: values };
}

/** The least bound above: ranges of ours include their bounds. A day or a month is passed whole. */
function after(key: string, value: number | string): number | string {
  const { axis, to } = rangeBounds(key, { to: value });
  return axis === "date" ? new Date(to + 1).toISOString() : neighbour(to, 1);
}

function before(key: string, value: number | string): number | string {
  const { axis, from } = rangeBounds(key, { from: value });
  return axis === "date" ? new Date(from - 1).toISOString() : neighbour(from, -1);
}

/** The next number that a double can hold, up or down. */
function neighbour(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 === direction > 0 ? 1n : -1n));
  const next = bits.getFloat64(0);
  return Number.isFinite(next) ? next : value;
}

function refusal(message: string): IsthmusError {
  return new IsthmusError("query_invalid", message, { field: "filters" });
}
