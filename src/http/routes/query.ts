import type { Context } from "hono";
import { checkQuery } from "../../core/retrieve.ts";
import type { QueryRequest, QueryResult } from "../../core/retrieve-types.ts";
import { readJson } from "../body.ts";
import { startRequestDeadline } from "../deadline.ts";
import type { RequestScope, RouteServices } from "../dependencies.ts";
import { problemOf } from "../failures.ts";
import type { OrProblem } from "../problem.ts";
import { respondJson, respondProblem } from "../respond.ts";
import { explanationBody } from "../schemas/explanation.ts";
import { type Indexing, indexingBody } from "../schemas/indexing.ts";
import { withoutPrototypeKeys, withPrototypeKeys } from "../schemas/prototype-keys.ts";
import { queryRequest } from "../schemas/query.ts";
import { validate } from "../validate.ts";
import { runWork } from "../work.ts";

/** `POST /query`: passages for a query, best first. */
export function queryRoute(services: RouteServices) {
  return async (context: Context<RequestScope>): Promise<Response> => {
    const deadline = startRequestDeadline(context, services.deadlineMs);
    try {
      // The body comes before the turn: a client that sends slowly must not keep others from searching.
      const body = await readJson(context.req.raw, deadline.signal);
      if ("problem" in body) return respondProblem(context, body.problem);
      const request = requestOf(body.value);
      if ("problem" in request) return respondProblem(context, request.problem);
      const found = await runWork(services, deadline.signal, ({ retriever }) =>
        retriever.query(request.value, deadline.signal),
      );
      if ("problem" in found) return respondProblem(context, found.problem);
      const response = respondJson(answerOf(found.value, services.indexing?.(), context.get("traceId")));
      response.headers.set("server-timing", timingOf(found.value));
      return response;
    } finally {
      deadline.clear();
    }
  };
}

/** Of the right types and within its bounds: what is not costs no turn. */
function requestOf(body: unknown): OrProblem<QueryRequest> {
  const typed = validate(queryRequest, withoutPrototypeKeys(body));
  if ("problem" in typed) return typed;
  try {
    return { value: checkQuery(withPrototypeKeys(typed.value)) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** https://www.w3.org/TR/server-timing/: where the milliseconds went. */
function timingOf({ embedMs, searchMs }: QueryResult): string {
  return `embed;dur=${embedMs.toFixed(2)}, search;dur=${searchMs.toFixed(2)}`;
}

function answerOf(result: QueryResult, indexing: Indexing | undefined, traceId: string) {
  return {
    results: result.results.map(({ content, source, score }) => ({
      content,
      source: {
        uri: source.uri,
        title: source.title,
        heading: source.heading,
        start: source.start,
        end: source.end,
        version: source.version,
        ordinal: source.ordinal,
        metadata: source.metadata,
      },
      score,
    })),
    ...(result.explanation && { explanation: explanationBody(result.explanation) }),
    ...(indexing && { index: indexingBody(indexing) }),
    took_ms: Math.round(result.tookMs * 100) / 100,
    trace_id: traceId,
  };
}
