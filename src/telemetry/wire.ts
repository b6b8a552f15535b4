import type { Instruments } from "./instruments.ts";
import { labelsBy } from "./metrics.ts";
import { Span, withError } from "./span.ts";
import { type Tracer, traceparentOf } from "./tracer.ts";

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
  const rpcLabels = labelsBy((method) => ({ "rpc.system.name": "grpc", "rpc.method": method }));
  const httpLabels = labelsBy((method) => ({ "http.request.method": method }));
  const serverAttributes = labelsBy((address) => {
    const { hostname, port } = new URL(address);
    return { "server.address": hostname, ...(port !== "" && { "server.port": Number(port) }) };
  });

  return {
    asker: () => tracer.active(),
    together: (askers, work) =>
      tracer.together(
        askers.filter((asker) => asker instanceof Span),
        work,
      ),
    send({ protocol, method, address }, send, statusOf) {
      const labels = protocol === "grpc" ? rpcLabels(method) : httpLabels(method);
      const attributes = { ...labels, ...serverAttributes(address) };
      return tracer.span(
        method,
        { kind: "client", attributes },
        async (span) => {
          const result = await send({ traceparent: traceparentOf(span) });
          const status = statusOf?.(result);
          span.set("http.response.status_code", status);
          if (status !== undefined && status >= 400) span.fail(String(status));
          return result;
        },
        (span) => instruments.attempts.record(span.tookMs / 1000, withError(labels, span), span),
      );
    },
  };
}
