import { present } from "../../../core/errors.ts";
import { type AggregateReply, ConsistencyLevel } from "./rpc/weaviate_pb.ts";
import type { Consistency } from "./settings.ts";

/** The most results the server gives in one answer (its QUERY_MAXIMUM_RESULTS). */
export const longestAnswer = 10_000;

export function consistencyLevel(level: Consistency): ConsistencyLevel {
  return ConsistencyLevel[level];
}

/** How many objects an aggregation without groups counted. */
export function objectsIn({ result }: AggregateReply): number {
  const single = result.case === "singleResult" ? result.value : undefined;
  return Number(present(single?.objectsCount, "the count of an aggregation"));
}
