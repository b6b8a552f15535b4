import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { IsthmusError } from "../../core/errors.ts";
import { answerMetrics, type Exposition } from "../metrics-server.ts";

/** What keeps the worker from its work, by what it waits for; empty when nothing does. */
export type Waits = ReadonlyMap<string, string>;

export interface Health {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers `/healthz` (the process lives), `/readyz` (it works, or what it waits for) and, where that was chosen, `/metrics` to whoever
 * asks; it tells no more.
 *
 * @throws `config_invalid` where the address cannot be had.
 */
export async function startHealth(
  { host, port }: { readonly host: string; readonly port: number },
  waits: Waits,
  exposition: () => Exposition | undefined = () => undefined,
): Promise<Health> {
  const server = createServer((request, response) => {
    const shown = exposition();
    if (shown !== undefined && request.url?.split("?")[0] === "/metrics")
      return answerMetrics(request, response, shown);
    const answer = answerTo(request.url?.split("?")[0], waits);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
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

function answerTo(path: string | undefined, waits: Waits): { readonly status: number; readonly body: unknown } {
  if (path === "/healthz") return { status: 200, body: { status: "alive" } };
  if (path !== "/readyz") return { status: 404, body: { status: "unknown", error: "Ask /healthz or /readyz." } };
  if (waits.size === 0) return { status: 200, body: { status: "ready" } };
  return { status: 503, body: { status: "waiting", waits_for: Object.fromEntries(waits) } };
}
