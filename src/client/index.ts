// The client of the HTTP API, for Node and browsers alike: no dependency, and nothing of Node's. What it can call, and the types, are made
// from /openapi.json (generated.ts, by `npm run client`).
import {
  type CallOptions,
  type Client,
  type Operation,
  operations,
  type Problem,
  type ProblemCode,
} from "./generated.ts";

export type * from "./generated.ts";

export interface ClientOptions {
  /** Where the server is: `http://127.0.0.1:3000`, or a gateway's address with its stage. */
  readonly url: string | URL;
  /** Sent as `x-api-key`. */
  readonly apiKey?: string | undefined;
  /** Milliseconds to wait for an answer, and in a stream for each next event; default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Sent with every call, for example `traceparent`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In place of the global one. */
  readonly fetch?: ((url: URL, init: RequestInit) => Promise<Response>) | undefined;
}

/** Codes of what fails on the way: no server, none in time, a stream that broke off, an answer that is not this API's. */
export type ClientCode = "unreachable" | "timed_out" | "interrupted" | "invalid_answer";

/** Every failure of a call but its own abort, which rejects with the signal's reason. */
export class IsthmusApiError extends Error {
  override readonly name = "IsthmusApiError";
  /** Stable: decide by it. */
  readonly code: ProblemCode | ClientCode;
  /** Of the answer; absent where there was none. */
  readonly status: number | undefined;
  /** The input field at fault. */
  readonly field: string | undefined;
  /** Names the request in the server's log and traces. */
  readonly traceId: string | undefined;
  /** Seconds to wait before another try, where the server says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode | ClientCode,
    message: string,
    details: {
      readonly status?: number;
      readonly field?: string;
      readonly traceId?: string;
      readonly retryAfterSeconds?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.field = details.field;
    this.traceId = details.traceId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** A client with a method for each operation of the server's OpenAPI document. */
export function createClient(options: ClientOptions): Client {
  const methods = Object.entries(operations).map(([name, operation]) => [
    name,
    (input?: Input, call?: CallOptions) =>
      operation.last === undefined
        ? answerOf(options, operation, input, call)
        : eventsOf(options, operation, input, call),
  ]);
  return Object.fromEntries(methods) as Client;
}

type Input = Readonly<Record<string, unknown>>;

async function answerOf(options: ClientOptions, operation: Operation, input?: Input, call?: CallOptions) {
  const waiting = wait(options, call);
  try {
    const response = await send(options, operation, waiting, input, call);
    return await jsonOf(response, waiting);
  } finally {
    waiting.end();
  }
}

/** One after another, until the last; a problem among them is thrown. Leaving the loop ends the call, and the server's work with it. */
async function* eventsOf(options: ClientOptions, operation: Operation, input?: Input, call?: CallOptions) {
  const waiting = wait(options, call);
  const left = new AbortController();
  try {
    const response = await send(options, operation, waiting, input, call, left.signal);
    const details = detailsOf(response);
    if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw new IsthmusApiError("invalid_answer", "The server's answer is no event stream. Check the url.", details);
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      waiting.again();
      const { done, value } = await reader.read().catch((cause) => {
        throw waiting.reasonOr(new IsthmusApiError("interrupted", "The answer broke off.", { ...details, cause }));
      });
      if (done) break;
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: ?(.*)$/m.exec(block)?.[1];
        const data = block.match(/^data: ?.*$/gm)?.map((line) => line.replace(/^data: ?/, ""));
        if (event === undefined || data === undefined) continue;
        const parsed = parse(data.join("\n"), details);
        if (event === "problem") throw errorOf(parsed as Problem, details);
        // The reader takes its own time.
        waiting.pause();
        yield { event, data: parsed };
        if (event === operation.last) return;
      }
    }
    if (operation.last !== "") throw new IsthmusApiError("interrupted", "The answer broke off.", details);
  } finally {
    waiting.end();
    left.abort();
  }
}

async function send(
  options: ClientOptions,
  { method, path, query, content, last }: Operation,
  waiting: Waiting,
  input: Input = {},
  call: CallOptions = {},
  left?: AbortSignal,
): Promise<Response> {
  const base = String(options.url);
  const body = { ...input };
  const take = (name: string) => {
    const value = body[name];
    delete body[name];
    return value;
  };
  const filled = path.slice(1).replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(take(name))));
  const url = new URL(filled, base.endsWith("/") ? base : `${base}/`);
  for (const name of query ?? []) {
    const value = take(name);
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { accept: last === undefined ? "application/json" : "text/event-stream" };
  if (content !== undefined) headers["content-type"] = content;
  if (options.apiKey !== undefined) headers["x-api-key"] = options.apiKey;
  const signal = left === undefined ? waiting.signal : AbortSignal.any([waiting.signal, left]);
  const init: RequestInit = { method, headers: { ...headers, ...options.headers, ...call.headers }, signal };
  if (content === "application/json") init.body = JSON.stringify(body);
  else if (content !== undefined) init.body = body["content"] as NonNullable<RequestInit["body"]>;
  waiting.signal.throwIfAborted();
  const response = await (options.fetch ?? fetch)(url, init).catch((cause) => {
    const message = `There is no answer from ${url.origin}. Is the server running, and may this page call it?`;
    throw waiting.reasonOr(new IsthmusApiError("unreachable", message, { cause }));
  });
  if (!response.ok) throw errorOf(await jsonOf(response, waiting).catch(waiting.passOn), detailsOf(response));
  return response;
}

/** A clock that ends the call, together with the caller's own signal. */
function wait(options: ClientOptions, call: CallOptions = {}) {
  const milliseconds = call.timeoutMs ?? options.timeoutMs ?? 60_000;
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const leave = () => controller.abort(call.signal?.reason);
  const pause = () => clearTimeout(timer);
  const end = () => {
    pause();
    call.signal?.removeEventListener("abort", leave);
  };
  const again = () => {
    pause();
    timer = setTimeout(() => {
      controller.abort(new IsthmusApiError("timed_out", `There was no answer within ${milliseconds} ms.`));
    }, milliseconds);
  };
  call.signal?.addEventListener("abort", leave, { once: true });
  if (call.signal?.aborted) leave();
  again();
  const { signal } = controller;
  return {
    signal,
    again,
    pause,
    end,
    /** Why the call was ended, where it was; else what failed. */
    reasonOr: (error: unknown): unknown => (signal.aborted ? signal.reason : error),
    /** What fails of a body that only explains a failure is no matter, unless the call was ended. */
    passOn: () => signal.throwIfAborted(),
  };
}

type Waiting = ReturnType<typeof wait>;

async function jsonOf(response: Response, waiting: Waiting): Promise<unknown> {
  const details = detailsOf(response);
  const text = await response.text().catch((cause) => {
    throw waiting.reasonOr(new IsthmusApiError("interrupted", "The answer broke off.", { ...details, cause }));
  });
  return text === "" && response.ok ? undefined : parse(text, details);
}

function parse(text: string, details: Details): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `The answer (${details.status}) is not JSON. Check the url.`;
    throw new IsthmusApiError("invalid_answer", message, { ...details, cause });
  }
}

type Details = ReturnType<typeof detailsOf>;

function detailsOf({ status, headers }: Response) {
  const traceId = headers.get("x-trace-id");
  const retryAfter = Number.parseInt(headers.get("retry-after") ?? "", 10);
  return {
    status,
    ...(traceId !== null && { traceId }),
    ...(retryAfter >= 0 && { retryAfterSeconds: retryAfter }),
  };
}

/** @param problem what came; of a proxy in between it may be anything. */
function errorOf(problem: unknown, details: Details): IsthmusApiError {
  const { code, detail, status, field, trace_id } = (problem ?? {}) as Partial<Problem>;
  if (typeof code !== "string" || typeof detail !== "string") {
    const message = `The answer (${details.status}) is not one of this API. Check the url.`;
    return new IsthmusApiError("invalid_answer", message, details);
  }
  return new IsthmusApiError(code, detail, {
    ...details,
    ...(status !== undefined && { status }),
    ...(field !== undefined && { field }),
    ...(trace_id !== undefined && { traceId: trace_id }),
  });
}
