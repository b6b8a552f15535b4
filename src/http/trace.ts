import { type TraceParent, traceParentOf } from "../core/trace-context.ts";

/** The trace that a request belongs to, by its headers. */
export function traceOf(headers: Headers): TraceParent {
  return traceParentOf(headers.get("traceparent"), headers.get("x-amzn-trace-id"));
}
