import { corsHeaders } from "../../http/cors.ts";
import type { RequestBindings } from "../../http/dependencies.ts";
import { type Problem, problemResponse } from "../../http/problem.ts";
import { traceOf } from "../../http/trace.ts";
import { headersOf, requestOf } from "./event.ts";
import { type ProxyResult, resultOf } from "./respond.ts";

/** What is read of the context that Lambda hands over with an event. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
  readonly awsRequestId?: string;
}

export type Handler = (event: unknown, context: InvocationContext) => Promise<ProxyResult>;

/** The app's answer to an event. */
export type Responder = (event: unknown, context: InvocationContext) => Promise<Response>;

export interface HandlerParts {
  readonly app: { fetch(request: Request, bindings: RequestBindings): Response | Promise<Response> };
  /** The app's own, for the answers that are given without it. */
  readonly corsOrigins: readonly string[];
  /** Of an invocation, for the span of its request. */
  readonly attributes?: (context: InvocationContext) => NonNullable<RequestBindings["attributes"]>;
  /** Told what the app itself did not catch. */
  readonly report: (error: unknown) => void;
}

/** Milliseconds kept for the answer's own way: an answer that Lambda cuts off is a 502 without a reason. */
const reserveMs = 500;

/** Lambda's handler for proxy events of a REST API. Never rejects: the caller gets an answer to everything. */
export function createHandler(parts: HandlerParts): Handler {
  const respond = createResponder(parts);
  return async (event, context) => {
    try {
      return await resultOf(await respond(event, context));
    } catch (error) {
      parts.report(error);
      return await resultOf(answerWithout(event, unexpected, parts.corsOrigins));
    }
  };
}

/** The same before it is put into the form that the gateway wants. Never rejects. */
export function createResponder({ app, corsOrigins, report, attributes }: HandlerParts): Responder {
  return async (event, context) => {
    try {
      const request = requestOf(event);
      if ("problem" in request) return answerWithout(event, request.problem, corsOrigins);
      const remainingMs = context.getRemainingTimeInMillis() - reserveMs;
      return await app.fetch(request.value, { remainingMs, ...(attributes && { attributes: attributes(context) }) });
    } catch (error) {
      report(error);
      return answerWithout(event, unexpected, corsOrigins);
    }
  };
}

function answerWithout(event: unknown, problem: Problem, corsOrigins: readonly string[]): Response {
  const headers = headersOf(event);
  const { traceId } = traceOf(headers);
  const response = problemResponse(problem, traceId);
  response.headers.set("x-trace-id", traceId);
  for (const [name, value] of Object.entries(corsHeaders(headers, corsOrigins, false))) {
    response.headers.set(name, value);
  }
  return response;
}

const unexpected: Problem = {
  code: "internal",
  sentence: "The request failed for a reason that is the server's own. Its log says which.",
};
