import type { Context, MiddlewareHandler } from "hono";
import { corsHeaders } from "./cors.ts";
import type { RequestRecord, RequestScope, RequestTracing } from "./dependencies.ts";
import { problemOf } from "./failures.ts";
import { respondProblem } from "./respond.ts";
import { traceOf } from "./trace.ts";

const probes: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics", "/events"]);

export const securityHeaders = {
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Of all that is no page. */
export const strictPolicy = "default-src 'none'; frame-ancestors 'none'";

/** The outermost layer: gives each request its trace id, each answer its common headers, and the log its record. */
export function observe(
  corsOrigins: readonly string[],
  onRequest: ((record: RequestRecord) => void) | undefined,
  tracing: RequestTracing | undefined,
): MiddlewareHandler<RequestScope> {
  return async (context, next) => {
    const caller = traceOf(context.req.raw.headers);
    // Who asks every few seconds whether all is well makes no traces.
    const probe = caller.sampled === undefined && probes.has(context.req.path);
    const parent = probe ? { ...caller, sampled: false } : caller;
    if (tracing === undefined) await observed(context, next, parent.traceId);
    else
      await tracing.request(
        parent,
        context.env?.attributes ?? {},
        async () => {
          const record = await observed(context, next, parent.traceId);
          const ended = endOf(context);
          return ended === undefined ? record : { ...record, ended };
        },
        (record) => record,
      );
  };

  async function observed(
    context: Context<RequestScope>,
    next: () => Promise<void>,
    traceId: string,
  ): Promise<RequestRecord> {
    const started = performance.now();
    context.set("traceId", traceId);
    context.set("route", "");
    try {
      await next();
    } catch (thrown) {
      // Hono hands errors to `onError`; what arrives here was thrown and is no Error.
      context.res = respondProblem(context, problemOf(thrown));
    }
    const { headers, status } = context.res;
    for (const [name, value] of Object.entries(securityHeaders)) headers.set(name, value);
    if (!headers.has("content-security-policy")) {
      headers.set("content-security-policy", strictPolicy);
    }
    const cors = corsHeaders(context.req.raw.headers, corsOrigins, context.req.method === "OPTIONS");
    for (const [name, value] of Object.entries(cors)) {
      if (name === "vary") headers.append(name, value);
      else headers.set(name, value);
    }
    headers.set("x-trace-id", traceId);
    const problem = context.get("problem");
    const record: RequestRecord = {
      method: context.req.method,
      route: context.get("route"),
      status,
      ...(problem === undefined ? {} : { code: problem.code }),
      traceId,
      tookMs: performance.now() - started,
      ...(problem?.cause === undefined || status < 500 ? {} : { cause: problem.cause }),
    };
    report(onRequest, record);
    return record;
  }
}

/** Where the answer goes on after its headers, its end: what is still written belongs to the request. */
function endOf(context: Context<RequestScope>): Promise<void> | undefined {
  const { body, headers } = context.res;
  if (body === null || headers.get("content-type")?.startsWith("text/event-stream") !== true) return undefined;
  // Who follows the server for hours is no request that takes hours.
  if (context.get("route") === "/events") return undefined;
  const passed = new TransformStream<Uint8Array, Uint8Array>();
  context.res = new Response(passed.readable, context.res);
  // Whoever leaves ends it as well.
  return body.pipeTo(passed.writable).catch(() => {});
}

function report(onRequest: ((record: RequestRecord) => void) | undefined, record: RequestRecord): void {
  try {
    onRequest?.(record);
  } catch {
    // A log that fails must not turn a good answer into a bad one.
  }
}
