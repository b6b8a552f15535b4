import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How an invocation ended, as the function said. */
export type InvocationEnd =
  | { readonly kind: "response"; readonly payload: unknown }
  /** Sent while it was written; the bytes are those of `onPiece`, one after another. */
  | { readonly kind: "stream"; readonly contentType: string; readonly body: Buffer; readonly errorType?: string }
  | { readonly kind: "error"; readonly errorType: string; readonly errorMessage: string };

/** The Lambda Runtime API of one container: four HTTP calls, made by the runtime inside it. */
export interface RuntimeApi {
  /** For `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Resolves when the runtime asks for its first event: INIT is over. Rejects with what it reports instead. */
  readonly initialised: Promise<void>;
  /** Resolves when the runtime waits for an event: the moment at which the platform freezes. */
  waiting(): Promise<void>;
  /**
   * Hands over an event. One at a time.
   *
   * @param deadline Unix time in milliseconds.
   * @param onPiece told of what a streaming function writes, as it comes.
   */
  invoke(event: unknown, deadline: number, onPiece?: (piece: Buffer) => void): Promise<InvocationEnd>;
  close(): Promise<void>;
}

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:rag-query-api-local-query:live";

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const initialised = Promise.withResolvers<void>();
  initialised.promise.catch(() => {});
  let waiting: ServerResponse | undefined;
  let tellWaiting: (() => void) | undefined;
  let next: { readonly id: string; readonly event: unknown; readonly deadline: number } | undefined;
  /** An extension inside: who it is, and the events that it has not taken. */
  let extension: { readonly id: string; waiting: ServerResponse | undefined; readonly events: unknown[] } | undefined;
  const ends = new Map<string, (end: InvocationEnd) => void>();
  const listeners = new Map<string, (piece: Buffer) => void>();

  /** Events of invocations that the extension was not told of yet. */
  let untold = 0;
  function isWaiting(): boolean {
    return untold === 0 && waiting !== undefined && (extension === undefined || extension.waiting !== undefined);
  }

  function tellIfWaiting(): void {
    if (isWaiting()) tellWaiting?.();
  }

  function handEvent(): void {
    const open = extension?.waiting;
    const event = extension?.events.shift();
    if (extension === undefined || open === undefined || event === undefined) return;
    extension.waiting = undefined;
    open.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(event));
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
  function serveExtension(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.url === "/2020-01-01/extension/register") {
      extension = { id: randomUUID(), waiting: undefined, events: [] };
      response.writeHead(200, { "lambda-extension-identifier": extension.id }).end("{}");
      return true;
    }
    if (request.url !== "/2020-01-01/extension/event/next" || extension === undefined) return false;
    extension.waiting = response;
    tellIfWaiting();
    handEvent();
    return true;
  }

  function hand(): void {
    if (waiting === undefined || next === undefined) return;
    waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": next.id,
      "lambda-runtime-deadline-ms": String(next.deadline),
      "lambda-runtime-invoked-function-arn": functionArn,
      "lambda-runtime-trace-id": `Root=1-${next.id.slice(0, 8)}-${next.id.replaceAll("-", "").slice(8)};Sampled=0`,
    });
    waiting.end(JSON.stringify(next.event));
    waiting = undefined;
    next = undefined;
  }

  const server = createServer(async (request, response) => {
    if (serveExtension(request, response)) return;
    const [, id, what] =
      /^\/2018-06-01\/runtime\/invocation\/([^/]+)(?:\/(response|error))?$/.exec(request.url ?? "") ?? [];
    if (request.method === "GET" && id === "next") {
      initialised.resolve();
      waiting = response;
      response.on("close", () => {
        if (waiting === response) waiting = undefined;
      });
      tellIfWaiting();
      hand();
      return;
    }
    if (request.headers["lambda-runtime-function-response-mode"] === "streaming" && id !== undefined) {
      const end = await readStream(request, listeners.get(id));
      response.writeHead(202).end();
      ends.get(id)?.(end);
      ends.delete(id);
      return;
    }
    const body = await readJson(request);
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
    if (request.url === "/2018-06-01/runtime/init/error") initialised.reject(new Error(JSON.stringify(body)));
    if (id === undefined || what === undefined) return;
    const end = ends.get(id);
    ends.delete(id);
    end?.(what === "response" ? { kind: "response", payload: body } : errorOf(body));
  });
  // A frozen runtime keeps its connection for as long as it is frozen.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialised: initialised.promise,
    waiting: () =>
      new Promise((resolve) => {
        if (isWaiting()) resolve();
        else tellWaiting = resolve;
      }),
    invoke(event, deadline, onPiece) {
      const id = randomUUID();
      if (onPiece !== undefined) listeners.set(id, onPiece);
      return new Promise((resolve) => {
        ends.set(id, resolve);
        next = { id, event, deadline };
        // The event may come before the invocation, and after it.
        untold = extension === undefined ? 0 : 1;
        const tell = () => {
          untold = 0;
          extension?.events.push({ eventType: "INVOKE", requestId: id, deadlineMs: deadline });
          handEvent();
        };
        if (Number.parseInt(id.slice(-1), 16) < 8) tell();
        else setTimeout(tell, 2);
        hand();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function errorOf(body: unknown): InvocationEnd {
  const { errorType, errorMessage } = body as { readonly errorType: string; readonly errorMessage: string };
  return { kind: "error", errorType, errorMessage };
}

async function readStream(request: IncomingMessage, onPiece?: (piece: Buffer) => void): Promise<InvocationEnd> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) {
    pieces.push(piece);
    onPiece?.(piece);
  }
  const errorType = request.trailers["lambda-runtime-function-error-type"];
  return {
    kind: "stream",
    contentType: String(request.headers["content-type"]),
    body: Buffer.concat(pieces),
    ...(errorType !== undefined && { errorType }),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString("utf8") || "null");
}
