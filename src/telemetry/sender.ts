// An `import` of node:http reads all that it exports, and so loads the whole of `fetch`: 30 ms of CPU in place of 4.
import type { Agent, request } from "node:http";
import process from "node:process";

export interface SenderSettings {
  /** The whole address of one signal, for example `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  readonly caCertificate?: string | undefined;
}

/** Sends bodies to a collector, and leaves one alone that is away, slow or refusing. */
export interface Sender {
  /** @returns whether it was taken. Never throws. */
  send(body: string): Promise<boolean>;
  /** False while the collector is left alone. */
  readonly willing: boolean;
  close(): void;
}

/** Milliseconds for which a collector that failed is left alone: at first, and at most. */
const [firstRestMs, longestRestMs] = [1_000, 30_000];
/** Bytes of an answer that are read; the rest says nothing to us. */
const answerBytes = 65_536;

export function createSender(settings: SenderSettings, now: () => number = () => performance.now()): Sender {
  const secure = settings.url.startsWith("https:");
  /** Made when there is something to send: by then the first answer is out. */
  let client: { readonly agent: Agent; readonly request: typeof request } | undefined;
  function open() {
    const { Agent, request } = process.getBuiltinModule(secure ? "node:https" : "node:http");
    const { caCertificate: ca } = settings;
    return { agent: new Agent({ keepAlive: true, maxSockets: 2, ...(secure && ca !== undefined && { ca }) }), request };
  }
  let restMs = 0;
  let restUntil = Number.NEGATIVE_INFINITY;

  function once(body: string): Promise<"taken" | "refused" | "stale"> {
    client ??= open();
    const { agent, request } = client;
    return new Promise((resolve) => {
      const outgoing = request(
        settings.url,
        {
          method: "POST",
          agent,
          headers: {
            ...settings.headers,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
          },
        },
        (response) => {
          let received = 0;
          response.on("data", (part: Buffer) => {
            received += part.length;
            if (received > answerBytes) response.destroy();
          });
          const taken = (response.statusCode ?? 0) >= 200 && (response.statusCode ?? 0) < 300;
          response.on("error", () => resolve("refused"));
          response.on("close", () => {
            clearTimeout(timer);
            resolve(taken ? "taken" : "refused");
          });
        },
      );
      // For all of it: a collector that trickles is slow too.
      const timer = setTimeout(() => outgoing.destroy(new Error("no answer in time")), settings.timeoutMs);
      timer.unref();
      // Telemetry keeps no process alive.
      outgoing.on("socket", (socket) => socket.unref());
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        // A connection that lay idle (a frozen function's) was closed by the other side: nothing was heard there.
        const stale = outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        resolve(stale ? "stale" : "refused");
      });
      outgoing.end(body);
    });
  }

  return {
    get willing() {
      return now() >= restUntil;
    },
    async send(body) {
      if (now() < restUntil) return false;
      let outcome = await once(body);
      if (outcome === "stale") outcome = await once(body);
      if (outcome === "taken") {
        restMs = 0;
        return true;
      }
      restMs = restMs === 0 ? firstRestMs : Math.min(longestRestMs, restMs * 2);
      restUntil = now() + restMs;
      return false;
    },
    close: () => client?.agent.destroy(),
  };
}
