import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { IsthmusError } from "../core/errors.ts";
import { newTraceId } from "../core/trace-context.ts";
import { isLoopback } from "../http/hosts.ts";
import { type Problem, problemDocument, problemResponse } from "../http/problem.ts";
import { protocolProblem, rawProblemResponse } from "../http/protocol-fault.ts";

export interface ServerSettings {
  readonly app: { fetch(request: Request): Response | Promise<Response> };
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The app's keys. Without any, only loopback addresses are served. */
  readonly apiKeys: readonly string[];
  /** Milliseconds a client may take to send its headers (default 10,000) and its whole request (30,000). */
  readonly timeouts?: { readonly headersMs: number; readonly requestMs: number };
}

export interface RunningServer {
  /** Where to reach it, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  /**
   * Accepts nothing more, lets requests in flight finish for up to `graceMs`, then cuts every connection. A second call
   * waits for the first.
   */
  close(settings: { readonly graceMs: number }): Promise<void>;
}

/**
 * Serves the app over HTTP/1.1 on Node.
 *
 * @throws `config_invalid` where the address cannot be had, or is public without authentication.
 */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const { app, host, port, apiKeys, timeouts = { headersMs: 10_000, requestMs: 30_000 } } = settings;
  if (apiKeys.length === 0 && !isLoopback(host)) {
    throw new IsthmusError(
      "config_invalid",
      `HOST=${host} can be reached from other machines, and no API key is set. Set ISTHMUS_API_KEYS, or HOST=127.0.0.1.`,
    );
  }
  const inFlight = new Set<ServerResponse>();
  let closing: Promise<void> | undefined;
  const listener = getRequestListener(app.fetch, {
    // The process's own Request and Response stay as they are.
    overrideGlobalObjects: false,
    hostname: "localhost",
    errorHandler: () => problemResponse(badRequest, newTraceId()),
  });
  const server = createServer({
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: Math.min(1000, timeouts.headersMs),
    // Answered below, with a body like every other problem.
    requireHostHeader: false,
  });
  // A peer that stops reading its answer keeps its socket no longer than this.
  server.timeout = 120_000;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    inFlight.add(response);
    response.shouldKeepAlive &&= closing === undefined;
    response.on("close", () => inFlight.delete(response));
    const hosts = request.headersDistinct["host"]?.length ?? 0;
    if (hosts > 1 || (hosts === 0 && request.httpVersion === "1.1")) {
      response.writeHead(400, { "content-type": "application/problem+json", connection: "close" });
      response.end(JSON.stringify(problemDocument(hostProblem, newTraceId())));
      return;
    }
    void listener(request, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const answered = [...inFlight].some((response) => response.req.socket === socket && response.headersSent);
    if (!socket.writable || answered || error.code === "ECONNRESET") socket.destroy();
    else refuse(socket, protocolProblem(error.code));
  });

  await new Promise<void>((resolve, reject) => {
    server.on("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host.replace(/^\[(.*)\]$/, "$1"), resolve);
  });

  return {
    url: urlOf(host, (server.address() as AddressInfo).port),
    close({ graceMs }) {
      closing ??= new Promise((resolve) => {
        const cut = () => server.closeAllConnections();
        let timer = setTimeout(cut, graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        // Once nothing is being answered, what is left has sent half a request or none: it is cut after the moment that
        // the last answer needs to reach its reader.
        const cutWhenIdle = () => {
          if (inFlight.size > 0) return;
          clearTimeout(timer);
          timer = setTimeout(cut, Math.min(graceMs, lastAnswerMs));
        };
        for (const response of inFlight) response.shouldKeepAlive = false;
        for (const response of inFlight) response.on("close", cutWhenIdle);
        cutWhenIdle();
      });
      return closing;
    },
  };
}

const lastAnswerMs = 250;
const badRequest: Problem = { code: "bad_request", sentence: "The request line or the Host header is not valid." };
const hostProblem: Problem = { code: "bad_request", sentence: "Send exactly one Host header." };

/** The peer may go on sending after this; nothing of it is read. */
function refuse(socket: Socket, problem: Problem): void {
  socket.write(rawProblemResponse(problem));
  socket.destroySoon();
}

function urlOf(host: string, port: number): string {
  const name = host.replace(/^\[(.*)\]$/, "$1");
  if (name === "0.0.0.0" || name === "::") return `http://localhost:${port}`;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): IsthmusError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop the other program, or choose another port: PORT=${port < 65_535 ? port + 1 : 3000}.`,
    EACCES: `Port ${port} may not be opened by this user. Choose one above 1023: PORT=3000.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Set HOST to one that is, or to 127.0.0.1.`,
    ENOTFOUND: `The name ${host} has no address. Check HOST, or set it to 127.0.0.1.`,
  };
  const message =
    reasons[error.code ?? ""] ?? `Cannot listen on ${host}, port ${port} (${error.code ?? error.message}).`;
  return new IsthmusError("config_invalid", message, { cause: error });
}
