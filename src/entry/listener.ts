import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { IsthmusError } from "../core/errors.ts";

/** A few paths by HTTP, beside what a program is there for. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * @param keepsAlive whether the program runs as long as this listens.
 * @throws `config_invalid` where the address cannot be had.
 */
export async function startListener(
  { host, port }: { readonly host: string; readonly port: number },
  keepsAlive: boolean,
  answer: RequestListener,
): Promise<Listener> {
  const server = createServer(answer);
  if (!keepsAlive) server.unref();
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

export function pathOf({ url }: { readonly url?: string | undefined }): string | undefined {
  return url?.split("?")[0];
}
