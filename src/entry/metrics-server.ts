import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listener, pathOf, startListener } from "./listener.ts";

export type Exposition = (accept: string) => { readonly type: string; readonly text: string };

/**
 * Answers `/metrics` to whoever asks, for programs that answer nothing else; being looked at keeps none of them alive.
 *
 * @throws `config_invalid` where the address cannot be had.
 */
export async function startMetrics(
  address: { readonly host: string; readonly port: number },
  exposition: Exposition,
): Promise<Listener> {
  return await startListener(address, false, (request, response) => {
    if (pathOf(request) === "/metrics") return answerMetrics(request, response, exposition);
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Ask /metrics."}\n');
  });
}

export function answerMetrics(request: IncomingMessage, response: ServerResponse, exposition: Exposition): void {
  const { type, text } = exposition(request.headers.accept ?? "");
  response.writeHead(200, { "content-type": type }).end(text);
}
