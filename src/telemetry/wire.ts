import type { Instruments } from "./instruments.ts";
import { type Attributes, Span } from "./span.ts";
import { errorType, type Tracer, traceparentOf } from "./tracer.ts";

/** One request to the store on its way over the network. */
export interface WireRequest {
  readonly protocol: "grpc" | "http";
  /** `weaviate.v1.Weaviate/Search`, or the method of HTTP. */
  readonly method: string;
  /** Of the server. */
  readonly address: string;
}

/** Sees every attempt of every request to the store, and gives it the trace that it belongs to. */
export interface WireObserver {
  asker(): unknown;
  together<Result>(askers: readonly unknown[], work: () => Result): Result;
  send<Result>(
    request: WireRequest,
    send: (headers: Readonly<Record<string, string>>) => Promise<Result>,
    statusOf?: (result: Result) => number,
  ): Promise<Result>;
}

export function createWireObserver(tracer: Tracer, instruments: Instruments): WireObserver {
  return {
    asker: () => tracer.active(),
    together: (askers, work) =>
      tracer.together(
        askers.filter((asker) => asker instanceof Span),
        work,
      ),
    async send({ protocol, method, address }, send, statusOf) {
      const { hostname, port } = new URL(address);
      const labels: Attributes =
        protocol === "grpc" ? { "rpc.system.name": "grpc", "rpc.method": method } : { "http.request.method": method };
      const attributes = { ...labels, "server.address": hostname, ...(port !== "" && { "server.port": Number(port) }) };
      return await tracer.span(method, { kind: "client", attributes }, async (span) => {
        try {
          const result = await send({ traceparent: traceparentOf(span) });
          const status = statusOf?.(result);
          span.set("http.response.status_code", status);
          if (status !== undefined && status >= 400) span.fail(String(status));
          return result;
        } catch (error) {
          labels["error.type"] = errorType(error);
          throw error;
        } finally {
          instruments.attempts.record(span.tookMs / 1000, labels, span);
        }
      });
    },
  };
}
