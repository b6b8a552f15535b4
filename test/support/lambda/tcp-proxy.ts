import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line between a function and its store that can fail as networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Connections opened through it so far. */
  readonly opened: number;
  /** What is open now goes dead without a word: nothing comes through, nothing is closed. New connections work. */
  dropSilently(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const live = new Set<[Socket, Socket]>();
  const sockets = new Set<Socket>();
  let opened = 0;
  const server = createServer((client) => {
    opened++;
    const upstream = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [client, upstream];
    live.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      sockets.add(from);
      from.on("data", (bytes) => {
        if (live.has(pair)) to.write(bytes);
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        if (live.has(pair)) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get opened() {
      return opened;
    },
    dropSilently: () => live.clear(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
