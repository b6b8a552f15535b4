import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Credentials } from "./credentials.ts";

/** Connections kept open; the engine reads at most 32 objects at once. */
const connections = 64;
const defaultSilenceMs = 60_000;

export interface TransportSettings {
  /** `https://storage.googleapis.com`, or an emulator's address. */
  readonly endpoint: string;
  /** Undefined asks as nobody, as emulators want it. */
  readonly credentials: Credentials | undefined;
  /** Billed for requests to buckets whose readers pay. */
  readonly userProject: string | undefined;
  /** Without a byte for so long, the other side is taken for gone; default a minute. */
  readonly silenceMs?: number | undefined;
}

export interface Get {
  /** Path segments after `/storage/v1`, not yet escaped. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** The answer, whatever its status, with its body unread. Rejects with the system's error when there is none. */
  get(request: Get): Promise<IncomingMessage>;
  /** The pieces of a body as they are pulled. Throws the system's error for one that ends early or falls silent. */
  body(response: IncomingMessage): AsyncGenerator<Uint8Array>;
  close(): void;
}

/**
 * Requests to the JSON API by Node's own client: `fetch` would unpack bodies that are stored as gzip, and then neither
 * their length nor their checksum could be told.
 */
export function createTransport(settings: TransportSettings): Transport {
  const { endpoint, credentials, userProject, silenceMs = defaultSilenceMs } = settings;
  const base = new URL(endpoint);
  const secure = base.protocol === "https:";
  const options = { keepAlive: true, maxSockets: connections };
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);

  async function send({ path, query, headers, signal }: Get): Promise<IncomingMessage> {
    const token = await credentials?.token();
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...query, userProject })) {
      if (value !== undefined) parameters.set(name, value);
    }
    return await new Promise((resolve, reject) => {
      const request = (secure ? requestHttps : requestHttp)({
        agent,
        hostname: base.hostname.replace(/^\[|\]$/g, ""),
        port: base.port,
        path: `${base.pathname.replace(/\/$/, "")}/storage/v1/${path.map(encodeURIComponent).join("/")}?${parameters}`,
        headers: {
          "user-agent": "isthmus",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(signal && { signal }),
      });
      // Only until there is an answer: a body waits as long as its reader pleases.
      request.setTimeout(silenceMs, () => request.destroy(silence()));
      request.on("response", (response) => {
        request.setTimeout(0);
        resolve(response);
      });
      request.on("error", reject);
      request.end();
    });
  }

  return {
    async get(request) {
      const response = await send(request);
      if (response.statusCode !== 401 || credentials === undefined) return response;
      // A token may be withdrawn before it runs out; a fresh one decides.
      response.resume();
      credentials.forget();
      return await send(request);
    },
    body: (response) => bodyOf(response, silenceMs),
    close: () => agent.destroy(),
  };
}

async function* bodyOf(response: IncomingMessage, silenceMs: number): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => response.destroy(silence()), silenceMs);
      const next = await pieces.next().finally(() => clearTimeout(timer));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    response.destroy();
  }
}

/** As the system calls it: of errors that pass through, class and code alone are told. */
function silence(): Error {
  return Object.assign(new Error("nothing was received in time"), { code: "ETIMEDOUT" });
}
