/**
 * What can go wrong over HTTP, as RFC 9457 problem documents. The codes are part of the public interface: add, never
 * rename.
 */
export const problemCatalogue = {
  bad_request: { status: 400, title: "The request is not valid HTTP" },
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  query_invalid: { status: 400, title: "A field is missing or wrong" },
  unauthenticated: { status: 401, title: "An API key is required" },
  /** Of a gateway in front of the app, and for a key that may not write. */
  forbidden: { status: 403, title: "This call is not allowed" },
  /** The server has no right to write it itself. */
  index_read_only: { status: 403, title: "The server may not write its index" },
  host_not_allowed: { status: 403, title: "This Host is not served here" },
  origin_not_allowed: { status: 403, title: "This Origin may not call here" },
  not_found: { status: 404, title: "There is nothing at this path" },
  document_not_found: { status: 404, title: "The index has no such document" },
  method_not_allowed: { status: 405, title: "The path does not take this method" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  document_exists: { status: 409, title: "There is a file of this name already" },
  /** Another program is writing to the index. */
  index_locked: { status: 409, title: "The index is being written elsewhere" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body is not in a form we read" },
  /** The language model's tokens of this key for today; where the documents may not answer instead. */
  generator_quota: { status: 429, title: "The day's tokens are used up" },
  too_many_requests: { status: 429, title: "Too many requests at once" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  /** The client went away; only logs see it. */
  cancelled: { status: 499, title: "The client closed the connection" },
  internal: { status: 500, title: "Something went wrong in the server" },
  not_initialised: { status: 500, title: "The search engine could not start" },
  /** Its key, its address or its name are wrong: the operator's to mend. */
  generator_misconfigured: { status: 500, title: "The language model cannot be used" },
  generator_rejected: { status: 502, title: "The language model refuses this request" },
  store_unavailable: { status: 503, title: "The index is not available" },
  embedder_unavailable: { status: 503, title: "The embedding service is not available" },
  generator_unavailable: { status: 503, title: "The language model is not available" },
  /** Of `/readyz` alone: anything but the store that keeps a search from being answered. */
  not_ready: { status: 503, title: "A search would not be answered now" },
  /** Of files that are added. */
  storage_full: { status: 507, title: "There is no room for this file" },
  deadline_exceeded: { status: 504, title: "The answer took too long" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemCatalogue;

/** One failed request, before it is put on the wire. */
export interface Problem {
  readonly code: ProblemCode;
  /** One sentence for people: what failed and what to do next. Never the query, document text, or a secret. */
  readonly sentence: string;
  /** The input field at fault. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  /** More response headers (`allow`, `www-authenticate`). */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log; never sent. */
  readonly cause?: unknown;
}

/** A value, or the problem that kept it from being one. */
export type OrProblem<Value> = { readonly value: Value } | { readonly problem: Problem };

/** The body of a problem response. */
export function problemDocument(problem: Problem, traceId: string) {
  const { status, title } = problemCatalogue[problem.code];
  return {
    type: `urn:isthmus:problem:${problem.code}`,
    title,
    status,
    detail: problem.sentence,
    error: problem.sentence,
    code: problem.code,
    ...(problem.field === undefined ? {} : { field: problem.field }),
    trace_id: traceId,
  };
}

/** The whole response, `application/problem+json`. */
export function problemResponse(problem: Problem, traceId: string): Response {
  const headers = new Headers({ "content-type": "application/problem+json", ...problem.headers });
  if (problem.retryAfterSeconds !== undefined) headers.set("retry-after", String(problem.retryAfterSeconds));
  return new Response(JSON.stringify(problemDocument(problem, traceId)), {
    status: problemCatalogue[problem.code].status,
    headers,
  });
}
