import type { Context, MiddlewareHandler } from "hono";
import type * as z from "zod";
import type { TraceParent } from "../core/trace-context.ts";
import type { ConsoleFiles } from "./console.ts";
import type { EngineProvider, StartedEngine } from "./engine.ts";
import type { Limiter } from "./limiter.ts";
import type { Problem, ProblemCode } from "./problem.ts";
import type { Indexing } from "./schemas/indexing.ts";

/** All that the app depends on; it reads nothing else, neither the environment nor a socket. */
export interface AppDependencies {
  /** The engine, or a function that starts it when it is first needed and may fail. */
  readonly engine: EngineProvider;
  /** Valid keys. Empty turns authentication off: for loopback servers, and behind a gateway that checks keys itself. */
  readonly apiKeys: readonly string[];
  /** A gateway has checked the `x-api-key` before a request arrives; the OpenAPI document says that one is needed. */
  readonly keysCheckedBefore?: boolean;
  /** Host names without port that requests may use (`loopbackNames`); undefined where the name is public. */
  readonly allowedHosts?: readonly string[];
  /** Searches at once, and as many answers. */
  readonly maxConcurrency: number;
  /** Requests that may wait for their turn; the rest get 429. Default four times `maxConcurrency`. */
  readonly maxWaiting?: number;
  /**
   * Serves `POST /answer`: the route itself (`answerRoute`), so that a function that only finds passages does not carry it. The engine
   * has an `answerer` then.
   */
  readonly answers?: (services: RouteServices) => (context: Context<RequestScope>) => Promise<Response>;
  /** The page for people at `/`; without it there is none. */
  readonly console?: ConsoleFiles;
  /** How far this server's own scan is; undefined while none runs. */
  readonly indexing?: () => Indexing | undefined;
  /** Serves `POST /mcp` for assistants (`mcpRoute`), likewise. */
  readonly mcp?: (services: RouteServices) => (context: Context<RequestScope>) => Promise<Response>;
  /** Further doors to the same engine (`vectorStoreDoor`), likewise. */
  readonly doors?: readonly Door[];
  /** Further routes beside those that every app has (`eventsExtension`, `editingExtension`), likewise. */
  readonly extensions?: readonly Extension[];
  /** Valid keys that may also write, where an extension does. Without any keys everybody may. */
  readonly writeKeys?: readonly string[];
  /** Shown by `/healthz` and in the OpenAPI document. */
  readonly version: string;
  /** Origins whose pages may call, for example `https://console.example.org`. Default none. */
  readonly corsOrigins?: readonly string[];
  /** Milliseconds for one request, from its headers to its answer. `RequestBindings` may give one request less. */
  readonly deadlineMs: number;
  /** The same for an answer, which a language model may take longer to write; default `deadlineMs`. */
  readonly answerDeadlineMs?: number;
  /** Told of every request after its answer is known: for the log. An error of its own is ignored. */
  readonly onRequest?: (record: RequestRecord) => void;
  /** Puts each request into the trace of its caller. */
  readonly tracing?: RequestTracing;
}

export interface RequestTracing {
  request<Answered>(
    parent: TraceParent,
    attributes: Readonly<Record<string, string | number | boolean>>,
    work: () => Promise<Answered>,
    answered: (result: Answered) => RequestRecord & { readonly ended?: Promise<void> },
  ): Promise<Answered>;
  /** What Prometheus scrapes, where that was chosen: `GET /metrics`. */
  exposition?(accept: string): { readonly type: string; readonly text: string };
}

/** One answered request, without anything that the client wrote but its method. */
export interface RequestRecord {
  readonly method: string;
  /** The route that took it, or "" where none did. */
  readonly route: string;
  readonly status: number;
  readonly code?: ProblemCode;
  readonly traceId: string;
  readonly tookMs: number;
  /** What was thrown, for problems of the server's own. */
  readonly cause?: unknown;
}

/** What the routes share, made once for an app. */
export interface RouteServices {
  readonly engine: StartedEngine;
  readonly limiter: Limiter;
  /** Of answers alone: a model may take many seconds to write one, and searches must not wait for it. */
  readonly answerLimiter: Limiter;
  readonly deadlineMs: number;
  readonly answerDeadlineMs: number;
  readonly version: string;
  /** Whether the engine has an `answerer`. */
  readonly answers?: boolean;
  readonly indexing?: () => Indexing | undefined;
}

/** A `POST` route that is not in every app, with all that the app and the OpenAPI document need to know of it. */
export interface Door {
  /** What `around` surrounds: the route, and what is not found beside it. */
  readonly prefix: string;
  readonly path: string;
  /** Sees every answer under the prefix before it leaves. */
  around(): MiddlewareHandler<RequestScope>;
  handle(services: RouteServices): (context: Context<RequestScope>) => Promise<Response>;
  describe(parts: OpenApiParts): { readonly paths: object; readonly schemas: Readonly<Record<string, z.ZodType>> };
}

/** Routes that are not in every app, with what the OpenAPI document says of them. */
export interface Extension {
  readonly routes: readonly ExtensionRoute[];
  describe(parts: OpenApiParts): {
    readonly paths: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, z.ZodType>>;
  };
}

interface ExtensionRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** For callers who may write, and never for a page of another site. */
  readonly writes: boolean;
  handle(services: RouteServices): (context: Context<RequestScope>) => Response | Promise<Response>;
}

/** What an OpenAPI document is put together from. */
export interface OpenApiParts {
  /** Of an operation that asks for a key, where keys are asked for. */
  readonly closed: object;
  json(name: string, example: unknown): object;
  answer(description: string, name: string, example: unknown): object;
  problems(statuses: readonly number[], schema: string): object;
}

/** What the caller of `fetch` may say about one request. */
export interface RequestBindings {
  /** Milliseconds that are left for this request where the platform ends it (Lambda); the lesser of both counts. */
  readonly remainingMs?: number;
  /** What the platform knows of this request, for its span. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** Hono's typing of the values that one request carries through its handlers. */
export interface RequestScope {
  Bindings: RequestBindings;
  Variables: { traceId: string; route: string; caller: string; mayWrite: boolean; problem: Problem | undefined };
}
