import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listener, pathOf, startListener } from "./listener.ts";

export type Exposition = (accept: string) => { readonly type: string; readonly text: string };

export interface ShownMetrics extends Listener {
  /**
   * Until somebody has looked once more, so that what a run counted at its very end is seen: Prometheus looks every so often, and a program
   * that is gone shows nothing.
   *
   * @returns whether somebody has; false after `withinMs`, or when the signal fires.
   */
  seenOnceMore(withinMs: number, signal: AbortSignal): Promise<boolean>;
}

/**
 * Answers `/metrics` to whoever asks, for programs that answer nothing else; being looked at keeps none of them alive.
 *
 * @throws `config_invalid` where the address cannot be had.
 */
export async function startMetrics(
  address: { readonly host: string; readonly port: number },
  exposition: Exposition,
): Promise<ShownMetrics> {
  let seen = () => {};
  const listener = await startListener(address, false, (request, response) => {
    if (pathOf(request) === "/metrics") {
      // Told of what is written from now on, and once it is on its way.
      response.once("finish", seen);
      return answerMetrics(request, response, exposition);
    }
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Ask /metrics."}\n');
  });
  return {
    ...listener,
    async seenOnceMore(withinMs, signal) {
      if (withinMs === 0 || signal.aborted) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const giveUp = () => resolve(false);
      const timer = setTimeout(giveUp, withinMs);
      signal.addEventListener("abort", giveUp, { once: true });
      seen = () => resolve(true);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
      }
    },
  };
}

export function answerMetrics(request: IncomingMessage, response: ServerResponse, exposition: Exposition): void {
  const { type, text } = exposition(request.headers.accept ?? "");
  response.writeHead(200, { "content-type": type }).end(text);
}
