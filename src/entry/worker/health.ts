import { type Listener, pathOf, startListener } from "../listener.ts";
import { answerMetrics, type Exposition } from "../metrics-server.ts";

/** What keeps the worker from its work, by what it waits for; empty when nothing does. */
export type Waits = ReadonlyMap<string, string>;

/**
 * Answers `/healthz` (the process lives), `/readyz` (it works, or what it waits for) and, where that was chosen, `/metrics` to whoever
 * asks; it tells no more.
 *
 * @throws `config_invalid` where the address cannot be had.
 */
export async function startHealth(
  address: { readonly host: string; readonly port: number },
  waits: Waits,
  exposition: () => Exposition | undefined = () => undefined,
): Promise<Listener> {
  return await startListener(address, true, (request, response) => {
    const path = pathOf(request);
    const shown = exposition();
    if (shown !== undefined && path === "/metrics") return answerMetrics(request, response, shown);
    const { status, body } = answerTo(path, waits);
    response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
  });
}

function answerTo(path: string | undefined, waits: Waits): { readonly status: number; readonly body: unknown } {
  if (path === "/healthz") return { status: 200, body: { status: "alive" } };
  if (path !== "/readyz") return { status: 404, body: { status: "unknown", error: "Ask /healthz or /readyz." } };
  if (waits.size === 0) return { status: 200, body: { status: "ready" } };
  return { status: 503, body: { status: "waiting", waits_for: Object.fromEntries(waits) } };
}
