import { corsHeaders } from "../../http/cors.ts";
import type { RequestBindings } from "../../http/dependencies.ts";
import { type Problem, problemResponse } from "../../http/problem.ts";
import { traceOf } from "../../http/trace.ts";
import { headersOf, requestOf } from "./event.ts";
import { type ProxyResult, resultOf } from "./respond.ts";

/** What is read of the context that Lambda hands over with an event. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: InvocationContext) => Promise<ProxyResult>;

export interface HandlerParts {
  readonly app: { fetch(request: Request, bindings: RequestBindings): Response | Promise<Response> };
  /** The app's own, for the answers that are given without it. */
  readonly corsOrigins: readonly string[];
  /** Told what the app itself did not catch. */
  readonly report: (error: unknown) => void;
}

/** Milliseconds kept for the answer's own way: an answer that Lambda cuts off is a 502 without a reason. */
const reserveMs = 500;

/** Lambda's handler for proxy events of a REST API. Never rejects: the caller gets an answer to everything. */
export function createHandler({ app, corsOrigins, report }: HandlerParts): Handler {
  const answerWithout = (event: unknown, problem: Problem): Response => {
    const headers = headersOf(event);
    const { traceId } = traceOf(headers);
    const response = problemResponse(problem, traceId);
    response.headers.set("x-trace-id", traceId);
    for (const [name, value] of Object.entries(corsHeaders(headers, corsOrigins, false))) {
      response.headers.set(name, value);
    }
    return response;
  };
  return async (event, context) => {
    try {
      const request = requestOf(event);
      if ("problem" in request) return await resultOf(answerWithout(event, request.problem));
      const remainingMs = context.getRemainingTimeInMillis() - reserveMs;
      return await resultOf(await app.fetch(request.value, { remainingMs }));
    } catch (error) {
      report(error);
      return await resultOf(answerWithout(event, unexpected));
    }
  };
}

const unexpected: Problem = {
  code: "internal",
  sentence: "The request failed for a reason that is the server's own. Its log says which.",
};
