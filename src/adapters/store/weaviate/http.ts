import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { IsthmusError, present } from "../../../core/errors.ts";
import { aborted, connectionFailure, denied, serverFailure, unavailable } from "./failures.ts";
import type { WeaviateSettings } from "./settings.ts";

export interface Answer {
  readonly status: number;
  /** Parsed; undefined where the body is empty or no JSON. */
  readonly body: unknown;
}

/** The REST side of a Weaviate: schema and readiness. `node:http` starts faster than `fetch`, and keeps connections. */
export interface Http {
  /** @throws `store_denied` for 401 and 403, `store_unavailable` where there is no answer. Other statuses are answers. */
  send(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Milliseconds since 1970 by the server's clock, to within a second, as its last answer told it; ours before the first. */
  serverNow(): number;
  close(): void;
}

/** Milliseconds for TCP to open a connection: a packet that is lost is sent again after one second. */
const openingMs = 2_500;

export interface Keys {
  currentKey(): Promise<string | undefined>;
  /** Whether there is another key than the refused one. */
  refreshed(refused: string | undefined): Promise<boolean>;
}

export function createHttp(settings: WeaviateSettings, keys: Keys): Http {
  const secure = settings.url.startsWith("https:");
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, ...(settings.caCertificate !== undefined && { ca: settings.caCertificate }) })
    : new HttpAgent({ keepAlive: true });
  /** How far the server's clock is ahead of ours. */
  let aheadMs = 0;
  const { wire } = settings;
  const once = async (...given: Parameters<typeof sendOnce>): Promise<Answer> => {
    if (wire === undefined) return await sendOnce(...given);
    const [method, path, key, body, signal, own] = given;
    return await wire.send(
      { protocol: "http", method, address: settings.url },
      (headers) => sendOnce(method, path, key, body, signal, { ...own, ...headers }),
      ({ status }) => status,
    );
  };
  const sendOnce = (
    method: string,
    path: string,
    key: string | undefined,
    body: unknown,
    signal: AbortSignal | undefined,
    added: Readonly<Record<string, string>> = {},
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const send = secure ? requestHttps : requestHttp;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const sentAt = Date.now();
      const outgoing = send(
        new URL(path, settings.url),
        {
          method,
          agent,
          timeout: settings.timeoutMs,
          ...(signal !== undefined && { signal }),
          headers: {
            ...added,
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
            ...(text !== undefined && { "content-type": "application/json" }),
          },
        },
        (response) => {
          aheadMs = aheadOf(response.headers.date, sentAt) ?? aheadMs;
          let received = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            received += part;
          });
          response.on("error", reject);
          response.on("end", () =>
            resolve({ status: present(response.statusCode, "the status of an answer"), body: parsed(received) }),
          );
        },
      );
      outgoing.on("socket", (socket) => limitOpening(socket, Math.min(openingMs, settings.timeoutMs)));
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
      outgoing.on("error", reject);
      outgoing.end(text);
    });
  return {
    async send(method, path, body, signal, headers = {}) {
      if (signal?.aborted === true) throw aborted(signal);
      try {
        const key = await keys.currentKey();
        let answer = await once(method, path, key, body, signal, headers);
        if (answer.status === 401 && (await keys.refreshed(key))) {
          answer = await once(method, path, await keys.currentKey(), body, signal, headers);
        }
        if (answer.status === 401 || answer.status === 403) throw denied(settings.url, answer.status);
        if (answer.status >= 500) throw failureOf(answer, settings.url);
        return answer;
      } catch (error) {
        if (error instanceof IsthmusError) throw error;
        if (signal !== undefined && wasAborted(signal)) throw aborted(signal, error);
        throw connectionFailure(error, settings.url);
      }
    },
    serverNow: () => Date.now() + aheadMs,
    close: () => agent.destroy(),
  };
}

/** A machine that died may still get its share of new connections: who waits for one long waits for nothing. */
function limitOpening(socket: Socket, milliseconds: number): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => socket.destroy(new Error("a new connection gets no answer")), milliseconds);
  const end = () => clearTimeout(timer);
  socket.once("connect", end).once("close", end);
}

/** By the Date header (RFC 9110, 6.6.1), which cuts the second off: the middle of it against the middle of the request. */
function aheadOf(date: string | undefined, sentAt: number): number | undefined {
  const told = Date.parse(date ?? "");
  return Number.isNaN(told) ? undefined : told + 500 - (sentAt + Date.now()) / 2;
}

/** The messages in Weaviate's error body. */
export function messagesOf(answer: Answer): string {
  const body = answer.body as { error?: readonly { message?: string }[]; message?: string } | undefined;
  const messages = Array.isArray(body?.error) ? body.error.map(({ message }) => message) : [body?.message];
  return messages.filter((message) => typeof message === "string").join("; ") || `status ${answer.status}`;
}

function failureOf(answer: Answer, address: string): IsthmusError {
  const failure = serverFailure(messagesOf(answer), address);
  return failure.code === "store_failed" ? unavailable(`it answered ${answer.status}`, address) : failure;
}

/** Asked anew: it may have changed since the compiler last saw it. */
function wasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
