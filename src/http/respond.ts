import type { Context } from "hono";
import type { RequestScope } from "./dependencies.ts";
import { type Problem, problemResponse } from "./problem.ts";

/** Answers with a problem and keeps it for the log. */
export function respondProblem(context: Context<RequestScope>, problem: Problem): Response {
  context.set("problem", problem);
  return problemResponse(problem, context.get("traceId"));
}

/** Answers with JSON. */
export function respondJson(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
}
