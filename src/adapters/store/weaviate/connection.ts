import { type CallOptions, type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { IsthmusError } from "../../../core/errors.ts";
import { untilAborted } from "../../../core/retry.ts";
import { createAskingAgain } from "./asking-again.ts";
import { aborted, rpcFailure, unavailable } from "./failures.ts";
import { createHttp, type Http } from "./http.ts";
import { probeHttp2 } from "./probe.ts";
import { Weaviate } from "./rpc/weaviate_pb.ts";
import { createSessions } from "./sessions.ts";
import type { WeaviateSettings } from "./settings.ts";

/** A connection that was kept may lead to a machine that is dead; asked again, a request takes another one. Longer than one takes to open. */
const httpAgainAfterMs = 3_000;

/** A line to one Weaviate: gRPC for objects and searches, HTTP for the schema. */
export interface Connection {
  /** One call, with the key; a refused key is asked for anew, once. @throws `store_*`, `cancelled`, `deadline_exceeded`. */
  call<Reply>(
    use: (client: Client<typeof Weaviate>, options: CallOptions) => Promise<Reply>,
    signal?: AbortSignal,
  ): Promise<Reply>;
  readonly http: Http;
  /** Opens the gRPC connection ahead of the first call, without a key. @throws `config_invalid`, `store_unavailable`. */
  connect(): Promise<void>;
  close(): void;
  readonly closed: boolean;
}

export function createConnection(settings: WeaviateSettings, mode: "read" | "write"): Connection {
  const sessions = createSessions(settings.grpcUrl, mode, settings.timeoutMs, settings.caCertificate);
  const asking = createAskingAgain();
  let key: Promise<string | undefined> | undefined;
  let closed = false;
  const currentKey = async (): Promise<string | undefined> => {
    key ??= settings.keys.current();
    const asked = key;
    return await asked.catch((error: unknown) => {
      // A failure is not kept: the next request asks again.
      if (key === asked) key = undefined;
      throw error;
    });
  };
  /** Callers that were refused together ask for one new key together. */
  const refreshed = async (refused: string | undefined): Promise<boolean> => {
    if ((await currentKey()) !== refused) return true;
    key = settings.keys.refresh();
    return (await currentKey()) !== refused;
  };
  const authorize: Interceptor = (next) => async (request) => {
    const value = await currentKey();
    if (value !== undefined) request.header.set("authorization", `Bearer ${value}`);
    return await next(request);
  };
  const { wire } = settings;
  const observe: Interceptor = (next) => async (request) => {
    if (wire === undefined) return await next(request);
    const method = `${request.service.typeName}/${request.method.name}`;
    return await wire.send({ protocol: "grpc", method, address: settings.grpcUrl }, async (headers) => {
      for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
      return await next(request);
    });
  };
  const transport = createGrpcTransport({
    baseUrl: settings.grpcUrl,
    sessionManager: sessions.manager,
    interceptors: wire === undefined ? [authorize] : [observe, authorize],
    useBinaryFormat: true,
  });
  const client = createClient(Weaviate, transport);
  const http = createHttp(settings, { currentKey, refreshed });
  const askingHttp = createAskingAgain(httpAgainAfterMs);
  return {
    http: {
      ...http,
      send: (method, path, body, signal, headers) => {
        const ask = (ended?: AbortSignal) => http.send(method, path, body, ended, headers);
        return mode === "read" && method === "GET" ? askingHttp.firstAnswer(ask, signal) : ask(signal);
      },
    },
    async connect() {
      await probeHttp2(settings.grpcUrl, settings.timeoutMs);
      // Whether it could be opened, the first call tells.
      if (!closed) await sessions.ready().catch(() => undefined);
    },
    async call(use, signal) {
      if (closed) throw closedError(settings.grpcUrl);
      if (signal?.aborted === true) throw aborted(signal);
      const ask = async (ended?: AbortSignal) => {
        await untilAborted(sessions.ready(), ended);
        return await use(client, { timeoutMs: settings.timeoutMs, ...(ended !== undefined && { signal: ended }) });
      };
      const once = async () => await (mode === "read" ? asking.firstAnswer(ask, signal) : ask(signal));
      try {
        const before = await currentKey();
        try {
          return await once();
        } catch (error) {
          const refused = error instanceof ConnectError && error.code === Code.Unauthenticated;
          if (!refused || !(await refreshed(before))) throw error;
          return await once();
        }
      } catch (error) {
        throw closed ? closedError(settings.grpcUrl) : rpcFailure(error, settings, signal);
      }
    },
    close() {
      closed = true;
      sessions.manager.abort(new Error("closed"));
      http.close();
    },
    get closed() {
      return closed;
    },
  };
}

function closedError(address: string): IsthmusError {
  return unavailable("the connection was closed", address);
}
