import { newTraceId } from "../core/trace-context.ts";
import { type Problem, type ProblemCode, problemCatalogue, problemDocument } from "./problem.ts";

/** Problems of requests that never became one: their answer is written to the connection by hand. */

/** @param code of the error that Node's HTTP parser gave. */
export function protocolProblem(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW") {
    return { code: "headers_too_large", sentence: "The headers may have at most 16 KiB together." };
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { code: "request_timeout", sentence: "The request did not arrive in time. Send it again in one piece." };
  }
  return { code: "bad_request", sentence: "The request is not valid HTTP/1.1." };
}

/** A whole HTTP/1.1 response, after which the connection is to be closed. */
export function rawProblemResponse(problem: Problem): string {
  const traceId = newTraceId();
  const body = JSON.stringify(problemDocument(problem, traceId));
  const reason = reasons[problem.code] ?? "Bad Request";
  return [
    `HTTP/1.1 ${problemCatalogue[problem.code].status} ${reason}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-trace-id: ${traceId}`,
    "x-content-type-options: nosniff",
    "cache-control: no-store",
    "connection: close",
    "",
    body,
  ].join("\r\n");
}

const reasons: Partial<Record<ProblemCode, string>> = {
  headers_too_large: "Request Header Fields Too Large",
  request_timeout: "Request Timeout",
};
