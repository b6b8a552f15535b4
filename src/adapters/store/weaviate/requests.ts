import { ConsistencyLevel } from "./rpc/weaviate_pb.ts";
import type { Consistency } from "./settings.ts";

/** The most results the server gives in one answer (its QUERY_MAXIMUM_RESULTS). */
export const longestAnswer = 10_000;

export function consistencyLevel(level: Consistency): ConsistencyLevel {
  return ConsistencyLevel[level];
}
