import { type CallOptions, type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { readWhole } from "../http2/whole-answers.ts";
import { applicationDefaultCredentials, type Credentials } from "../source/gcs/credentials.ts";
import { pubSubFailure } from "./failures.ts";
import { Publisher, Subscriber } from "./rpc/pubsub_pb.ts";

const publicEndpoint = "https://pubsub.googleapis.com";
const scope = "https://www.googleapis.com/auth/pubsub";
const timeoutMs = 30_000;
/** Google's servers end connections that ping more often than every five minutes. */
const liveness = { pingIntervalMs: 5 * 60_000, pingTimeoutMs: 20_000, idleConnectionTimeoutMs: 15 * 60_000 } as const;

export interface PubSubAccess {
  /** An emulator's address, `http://127.0.0.1:8085`, asked without credentials. */
  readonly emulator?: string | undefined;
  /** For tests. */
  readonly endpoint?: string;
  readonly credentials?: Credentials;
}

/** A line to Pub/Sub. */
export interface PubSubConnection {
  readonly endpoint: string;
  readonly publisher: Client<typeof Publisher>;
  readonly subscriber: Client<typeof Subscriber>;
  /**
   * One call within half a minute, with a fresh token where the first is refused.
   *
   * @param what it is for, as messages name it.
   * @throws `source_unavailable`, `source_not_found`, `source_unreadable`.
   */
  call<Reply>(what: string, use: (options: CallOptions) => Promise<Reply>): Promise<Reply>;
  /** The token was refused: the next call has another. */
  forget(): void;
  close(): void;
}

/** Of one line. An answer that is a stream is read as the reader wants it, and asked for again where it ends. */
export function createPubSubSessions(endpoint: string): Http2SessionManager {
  const manager = new Http2SessionManager(endpoint, liveness);
  const request = manager.request.bind(manager);
  manager.request = async (method, path, ...rest) => {
    const stream = await request(method, path, ...rest);
    return path.endsWith("/StreamingPull") ? stream : readWhole(stream);
  };
  return manager;
}

export function createPubSubConnection(access: PubSubAccess): PubSubConnection {
  const endpoint = access.emulator ?? access.endpoint ?? publicEndpoint;
  const credentials =
    access.emulator === undefined ? (access.credentials ?? applicationDefaultCredentials(scope)) : undefined;
  const sessions = createPubSubSessions(endpoint);
  const authorize: Interceptor = (next) => async (request) => {
    const token = await credentials?.token();
    if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
    return await next(request);
  };
  const transport = createGrpcTransport({
    baseUrl: endpoint,
    sessionManager: sessions,
    interceptors: [authorize],
    useBinaryFormat: true,
  });
  return {
    endpoint,
    publisher: createClient(Publisher, transport),
    subscriber: createClient(Subscriber, transport),
    async call(what, use) {
      try {
        try {
          return await use({ timeoutMs });
        } catch (thrown) {
          if (!(thrown instanceof ConnectError && thrown.code === Code.Unauthenticated)) throw thrown;
          credentials?.forget();
          return await use({ timeoutMs });
        }
      } catch (thrown) {
        throw pubSubFailure(thrown, what, endpoint);
      }
    },
    forget: () => credentials?.forget(),
    close: () => sessions.abort(new Error("closed")),
  };
}
