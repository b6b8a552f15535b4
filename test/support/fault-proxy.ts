import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with one request; nothing else of it is changed. */
export type Fault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection is reset after so many bytes of the body (before any answer with -1), when `first` is done. */
  | { readonly kind: "reset"; readonly after: number; readonly first?: () => Promise<void> }
  /** The answer ends in good order after so many bytes, as if it had been so short. */
  | { readonly kind: "short"; readonly after: number }
  /** The answer goes on after its end with so many bytes of nothing. */
  | { readonly kind: "longer"; readonly by: number }
  /** The whole is given where a range was asked for. */
  | { readonly kind: "whole" }
  /** One bit of the body's byte at this place is flipped. */
  | { readonly kind: "flip"; readonly at: number }
  /** The body stops after so many bytes until this is done, and goes on. */
  | { readonly kind: "pause"; readonly after: number; readonly until: () => Promise<void> }
  /** No answer until this is done. */
  | { readonly kind: "hold"; readonly until: () => Promise<void> }
  | { readonly kind: "headers"; readonly headers: Record<string, string | undefined> };

export interface FaultProxy {
  readonly url: string;
  /** Path and query of every request so far. */
  readonly requests: readonly { readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  /** Asked for each request, in order, for what shall go wrong with it. */
  choose(fault: (url: string, number: number) => Fault | undefined): void;
  close(): Promise<void>;
}

/** An HTTP proxy in front of a real server, for failures that the server itself does not have. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const requests: { url: string; headers: IncomingMessage["headers"] }[] = [];
  let choose: (url: string, number: number) => Fault | undefined = () => undefined;
  const server = createServer(async (request, response) => {
    const { url = "" } = request;
    requests.push({ url, headers: request.headers });
    const fault = choose(url, requests.length);
    if (fault?.kind === "status") {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    if (fault?.kind === "reset" && fault.after < 0) {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === "hold") await fault.until();
    const { range, ...others } = request.headers;
    const headers = fault?.kind === "whole" ? others : request.headers;
    const upstream = forward(new URL(target + url), { method: request.method ?? "GET", headers });
    request.pipe(upstream);
    upstream.on("response", (answer) => void pass(answer, response, fault).catch(() => response.destroy()));
    upstream.on("error", () => response.destroy());
    response.on("close", () => upstream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    choose(fault) {
      choose = fault;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function pass(answer: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
  const headers: NodeJS.Dict<string | string[]> = { ...answer.headers };
  if (fault?.kind === "headers") Object.assign(headers, fault.headers);
  if (fault?.kind === "short") {
    headers["content-length"] = String(Math.min(fault.after, Number(answer.headers["content-length"])));
  }
  if (fault?.kind === "longer") headers["content-length"] = String(Number(headers["content-length"]) + fault.by);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(answer.statusCode ?? 502);
  let sent = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    const until = fault !== undefined && "after" in fault ? Math.max(0, fault.after - sent) : piece.length;
    const now = piece.subarray(0, until);
    if (fault?.kind === "flip" && fault.at >= sent && fault.at < sent + piece.length) {
      piece.writeUInt8(piece.readUInt8(fault.at - sent) ^ 1, fault.at - sent);
    }
    sent += now.length;
    await write(response, now);
    if (now.length === piece.length) continue;
    if (fault?.kind === "reset") {
      await fault.first?.();
      response.socket?.resetAndDestroy();
      return;
    }
    if (fault?.kind === "short") break;
    if (fault?.kind === "pause") {
      await fault.until();
      const rest = piece.subarray(until);
      sent += rest.length;
      await write(response, rest);
    }
  }
  if (fault?.kind === "longer") await write(response, new Uint8Array(fault.by));
  response.end();
}

/** Resolves when the bytes are on their way, or nobody wants them any more. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => response.write(bytes, () => resolve()));
}
