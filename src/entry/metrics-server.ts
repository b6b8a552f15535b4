import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { IsthmusError } from "../core/errors.ts";

export type Exposition = (accept: string) => { readonly type: string; readonly text: string };

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers `/metrics` to whoever asks, for programs that answer nothing else.
 *
 * @throws `config_invalid` where the address cannot be had.
 */
export async function startMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  exposition: Exposition,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url?.split("?")[0] === "/metrics") return answerMetrics(request, response, exposition);
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Ask /metrics."}\n');
  });
  // Being looked at keeps no program alive.
  server.unref();
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new IsthmusError("config_invalid", `HOST=${host} PORT=${port} cannot be had (${reason}): choose another.`);
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function answerMetrics(request: IncomingMessage, response: ServerResponse, exposition: Exposition): void {
  const { type, text } = exposition(request.headers.accept ?? "");
  response.writeHead(200, { "content-type": type }).end(text);
}
