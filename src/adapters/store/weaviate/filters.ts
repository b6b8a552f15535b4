import { create } from "@bufbuild/protobuf";
import { membersOf, rangeBounds } from "../../../core/filter.ts";
import type { Filter } from "../../../core/types.ts";
import { uriKey } from "./ids.ts";
import { metadataPair } from "./metadata-values.ts";
import { type Filters, FiltersSchema, Filters_Operator as Operator, TextArraySchema } from "./rpc/weaviate_pb.ts";
import { rangeProperty } from "./schema.ts";

export function equals(property: string, value: string): Filters {
  return leaf(property, Operator.EQUAL, { case: "valueText", value });
}

/** One of the values; where there are none, nothing passes. */
export function anyOf(property: string, values: readonly string[]): Filters {
  // An empty list is refused by the server, and no value of ours begins with a space.
  return leaf(property, Operator.CONTAINS_ANY, texts(values.length === 0 ? [" "] : values));
}

export function noneOf(property: string, values: readonly string[]): Filters {
  return leaf(property, Operator.CONTAINS_NONE, texts(values));
}

/** A number, after `value`. */
export function above(property: string, value: number): Filters {
  return leaf(property, Operator.GREATER_THAN, { case: "valueInt", value: BigInt(Math.round(value)) });
}

/** By the ids of objects. */
export function withIds(ids: readonly string[]): Filters {
  return leaf("_id", Operator.CONTAINS_ANY, texts(ids));
}

/** Everything under a URI prefix, letter by letter; undefined for the empty prefix, which is under nothing. */
export function underPrefix(prefix: string): Filters | undefined {
  return likeKey(uriKey(prefix));
}

/** Every `uriKey` that begins with these hex digits; undefined where there are none. */
export function likeKey(digits: string): Filters | undefined {
  return digits === "" ? undefined : leaf("uriKey", Operator.LIKE, { case: "valueText", value: `${digits}*` });
}

/** All of them; undefined ones are left out, and nothing at all is no filter. */
export function allOf(...parts: readonly (Filters | undefined)[]): Filters | undefined {
  const given = parts.filter((part) => part !== undefined);
  return given.length < 2 ? given[0] : create(FiltersSchema, { operator: Operator.AND, filters: given });
}

/** The grammar of filters in Weaviate's terms. The filter has passed `validateFilter`. */
export function filterOf(filter: Filter | undefined): Filters | undefined {
  if (filter === undefined) return undefined;
  const metadata = Object.entries(filter.metadata ?? {}).map(([key, wanted]) => {
    return anyOf(
      "metadata",
      membersOf(wanted).map((value) => metadataPair(key, value)),
    );
  });
  const ranges = Object.entries(filter.range ?? {}).flatMap(([key, range]) => {
    const { axis, from, to } = rangeBounds(key, range);
    const property = rangeProperty(key, axis);
    return [
      leaf(property, Operator.GREATER_THAN_EQUAL, { case: "valueNumber", value: from }),
      leaf(property, Operator.LESS_THAN_EQUAL, { case: "valueNumber", value: to }),
    ];
  });
  return allOf(underPrefix(filter.uri ?? ""), ...metadata, ...ranges);
}

function leaf(property: string, operator: Operator, testValue: Filters["testValue"]): Filters {
  return create(FiltersSchema, { operator, target: { target: { case: "property", value: property } }, testValue });
}

function texts(values: readonly string[]): Filters["testValue"] {
  return { case: "valueTextArray", value: create(TextArraySchema, { values: [...values] }) };
}
