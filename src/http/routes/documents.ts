import type { Context } from "hono";
import type { ManifestEntry } from "../../core/types.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { RequestScope, RouteServices } from "../dependencies.ts";
import { parametersOf } from "../parameters.ts";
import { respondJson, respondProblem } from "../respond.ts";
import { documentsRequest } from "../schemas/documents.ts";
import { validate } from "../validate.ts";
import { runWork } from "../work.ts";

/** `GET /documents`: what is in the index, page by page in the order of URIs. */
export function documentsRoute(services: RouteServices) {
  return async (context: Context<RequestScope>): Promise<Response> => {
    const parameters = parametersOf(new URL(context.req.url).searchParams, ["limit"]);
    if ("problem" in parameters) return respondProblem(context, parameters.problem);
    const request = validate(documentsRequest, parameters.value);
    if ("problem" in request) return respondProblem(context, request.problem);
    const { prefix, after, limit } = request.value;
    const deadline = startRequestDeadline(context, services.deadlineMs);
    try {
      // One more than asked tells whether there is a next page.
      const page = await runWork(services, deadline.signal, ({ reader }) => reader.page(prefix, after, limit + 1));
      if ("problem" in page) return respondProblem(context, page.problem);
      const shown = page.value.slice(0, limit);
      const last = page.value.length > limit ? shown.at(-1)?.uri : undefined;
      return respondJson({
        documents: shown.map(documentOf),
        ...(last === undefined ? {} : { next: last }),
        ...(context.get("mayWrite") && { may_write: true }),
        trace_id: context.get("traceId"),
      });
    } finally {
      deadline.clear();
    }
  };
}

/** What the manifest says of a document, as it goes over the wire. */
export function documentOf({ uri, current, failure }: ManifestEntry) {
  return {
    uri,
    title: current?.title ?? "",
    state: failure?.state ?? "indexed",
    version: current?.version ?? null,
    size: current?.size ?? null,
    content_type: current?.contentType ?? null,
    ...(current && { generation: current.order.generation, reindexed: current.order.reindex }),
    updated_at: current?.updatedAt ?? null,
    indexed_at: current?.committedAt ?? null,
    chunks: current?.chunks ?? 0,
    records: current?.records ?? 0,
    ...(current?.traceId !== undefined && { ingest_trace_id: current.traceId }),
    faults: {
      count: current?.faultCount ?? 0,
      first: (current?.faults ?? []).map(({ id, code, reason }) => ({ id, code, reason })),
    },
    ...(failure === undefined
      ? {}
      : {
          error: {
            code: failure.code,
            reason: failure.reason,
            version: failure.version,
            attempts: failure.attempts,
            at: failure.at,
          },
        }),
  };
}
