import type { Context } from "hono";
import type { RequestScope, RequestTracing } from "../dependencies.ts";

/** `GET /metrics`: Prometheus' text, or OpenMetrics' (with exemplars) for who accepts it. */
export function metricsRoute(exposition: NonNullable<RequestTracing["exposition"]>) {
  return (context: Context<RequestScope>): Response => {
    const { type, text } = exposition(context.req.header("accept") ?? "");
    return new Response(text, { headers: { "content-type": type } });
  };
}
