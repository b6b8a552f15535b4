import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalFunction } from "./function.ts";
import { proxyEvent } from "./gateway-event.ts";
import { gatewayResponse } from "./gateway-problems.ts";
import { type StillIntegration, stillAnswer, stillIntegrations } from "./gateway-still.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** What infra/serverless.yml exposes; a test compares. */
export const gatewayRoutes = [
  { path: "/query", method: "POST", key: true },
  { path: "/documents", method: "GET", key: true },
  { path: "/document", method: "GET", key: true },
  { path: "/", method: "GET", key: false },
  { path: "/app.js", method: "GET", key: false },
  { path: "/app.css", method: "GET", key: false },
  { path: "/licences.txt", method: "GET", key: false },
  { path: "/healthz", method: "GET", key: false },
  { path: "/openapi.json", method: "GET", key: false },
  { path: "/readyz", method: "GET", key: false },
  { path: "/answer", method: "POST", key: true },
] as const;

export interface GatewaySettings {
  readonly function: Pick<LocalFunction, "invoke">;
  /** The function behind `/answer`; without one the path is not there. */
  readonly answer?: Pick<LocalFunction, "invoke">;
  /** Whether the integration of `/answer` streams; default true. */
  readonly streams?: boolean;
  readonly apiKeys: readonly string[];
  readonly corsOrigins?: readonly string[];
  /** The first part of every path; default none, as under a name of one's own. */
  readonly stage?: string;
  /** What the gateway answers by itself; default what infra/serverless writes into the template. */
  readonly still?: Readonly<Record<string, StillIntegration>>;
  /** 0 picks a free one. */
  readonly port?: number;
  /** Of the usage plan; default none. */
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
  /** Milliseconds of an integration; the platform's are 29,000. */
  readonly timeoutMs?: number;
}

export interface Gateway {
  /** With the stage, without a slash behind it. */
  readonly url: string;
  close(): Promise<void>;
}

/** Bytes of a body that API Gateway takes. */
const maxBodyBytes = 10 * 1024 * 1024;
const preflightHeaders = "content-type, x-api-key, traceparent";

/**
 * A local API Gateway for the query function: a REST API with Lambda proxy integration, which decides what the real one
 * decides before a function is called (path, method, API key, throttle, size, the body's first check).
 */
export async function startGateway(settings: GatewaySettings): Promise<Gateway> {
  const { apiKeys, corsOrigins = [], throttle, timeoutMs = 29_000 } = settings;
  const prefix = settings.stage === undefined ? "" : `/${settings.stage}`;
  const still = settings.still ?? stillIntegrations(corsOrigins[0] ?? "http://localhost:3000");
  const bucket = throttle && createTokenBucket(throttle.ratePerSecond, throttle.burst);

  /** @param stream told of a response that comes in pieces; what is given back then is undefined. */
  async function answer(request: IncomingMessage, stream: ServerResponse): Promise<Response | undefined> {
    const own = (type: string) => gatewayResponse(type, randomUUID(), corsOrigins[0]);
    const { pathname } = new URL(request.url ?? "/", "http://gateway.invalid");
    if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) return own("MISSING_AUTHENTICATION_TOKEN");
    const asked = pathname.slice(prefix.length) || "/";
    const route = gatewayRoutes.find(({ path }) => path === asked);
    if (route !== undefined && request.method === "OPTIONS") return preflight(request, corsOrigins);
    const target = route?.path === "/answer" ? settings.answer : settings.function;
    if (route === undefined || target === undefined || route.method !== request.method)
      return own("MISSING_AUTHENTICATION_TOKEN");
    if (route.key && !apiKeys.includes(String(request.headers["x-api-key"]))) return own("INVALID_API_KEY");
    if (route.key && bucket?.take() === false) return own("THROTTLED");
    const body = await readBody(request);
    if (body === undefined) return own("REQUEST_TOO_LARGE");
    const integration = still[route.path];
    if (integration !== undefined) return stillAnswer(integration, pathname);
    const needed = { "/query": "query", "/answer": "question" }[route.path as string];
    if (needed !== undefined && !hasField(request, body, needed)) return own("BAD_REQUEST_BODY");
    const over = new AbortController();
    const late = sleep(timeoutMs, "late" as const, { signal: over.signal }).catch(() => "late" as const);
    const streams = route.path === "/answer" && settings.streams !== false;
    const passing = streams ? passOn(stream) : undefined;
    const end = await Promise.race([target.invoke(proxyEvent(request, body, prefix), passing?.onPiece), late]);
    over.abort();
    if (passing?.begun() === true) {
      // The status is out: all that is left for an answer that breaks is to break.
      if (end === "late" || end === "throttled" || end.kind !== "stream" || end.errorType !== undefined)
        stream.destroy();
      else stream.end();
      return undefined;
    }
    if (end === "late") return own("INTEGRATION_TIMEOUT");
    if (end === "throttled" || end.kind !== "response") return own("DEFAULT_5XX");
    const {
      statusCode,
      headers,
      body: text,
    } = end.payload as {
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };
    return new Response(statusCode === 204 ? null : text, { status: statusCode, headers });
  }

  const server = createServer(async (request, response) => {
    const answered = await answer(request, response).catch(() =>
      gatewayResponse("DEFAULT_5XX", randomUUID(), corsOrigins[0]),
    );
    if (answered !== undefined) await send(answered, response);
    // What was not read of a body that was refused.
    request.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(settings.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Status and headers as JSON, eight zero bytes, and then the body, passed on as it comes:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
function passOn(response: ServerResponse) {
  let ahead = Buffer.alloc(0);
  let begun = false;
  return {
    begun: () => begun,
    onPiece(piece: Buffer) {
      if (begun) {
        response.write(piece);
        return;
      }
      ahead = Buffer.concat([ahead, piece]);
      const at = ahead.indexOf(Buffer.alloc(8));
      if (at < 0) return;
      const { statusCode, headers } = JSON.parse(ahead.subarray(0, at).toString("utf8")) as {
        readonly statusCode: number;
        readonly headers: Readonly<Record<string, string>>;
      };
      begun = true;
      response.writeHead(statusCode, headers);
      if (ahead.length > at + 8) response.write(ahead.subarray(at + 8));
    },
  };
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** Answered by the gateway itself (a mock integration), whatever the origin; browsers compare. */
function preflight(request: IncomingMessage, corsOrigins: readonly string[]): Response {
  const [first] = corsOrigins;
  if (first === undefined) return new Response(null, { status: 204 });
  const origin = request.headers.origin;
  return new Response("", {
    status: 200,
    headers: {
      "access-control-allow-origin": origin !== undefined && corsOrigins.includes(origin) ? origin : first,
      "access-control-allow-headers": preflightHeaders,
      "access-control-allow-methods": "OPTIONS,GET,POST",
    },
  });
}

/** undefined where it is over the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBodyBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The request validator's model: an object with such a field. Another media type than JSON has no model and passes. */
function hasField(request: IncomingMessage, body: Buffer, field: string): boolean {
  const type = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return true;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, field);
  } catch {
    return false;
  }
}
