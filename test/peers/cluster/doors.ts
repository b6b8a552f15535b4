import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

/** The ways between this machine and the cluster's network; see doors.mjs. */
export interface Doors {
  /**
   * A port of 127.0.0.1 that leads to an address within.
   * @param from the address that the caller has there, one of the bridge's own.
   */
  into(host: string, port: number, from?: string): Promise<number>;
  /** Lets an address within lead to a port of 127.0.0.1 here. */
  outOf(host: string, port: number, to: number): Promise<void>;
  close(): Promise<void>;
}

export function openDoors(folder: string): Doors {
  const door = join(folder, "door.sock");
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const kept = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    return socket;
  };
  const joined = (one: Socket, other: Socket) => {
    one.pipe(other).pipe(one);
    // Who ends in good order may leave bytes behind that still have to arrive.
    one.on("close", () => one.readableEnded || other.destroy());
    other.on("close", () => other.readableEnded || one.destroy());
  };
  async function serve(onConnection: (socket: Socket) => void, where: string | number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => onConnection(kept(socket)));
    servers.push(server);
    if (typeof where === "string") server.listen(where);
    else server.listen(where, "127.0.0.1");
    await once(server, "listening");
    return server;
  }
  return {
    async into(host, port, from) {
      const wish = `${JSON.stringify({ host, port, ...(from !== undefined && { from }) })}\n`;
      const server = await serve((outside) => {
        const inside = kept(connect({ path: door, allowHalfOpen: true }));
        inside.write(wish);
        joined(outside, inside);
      }, 0);
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a server without a port");
      return address.port;
    },
    async outOf(host, port, to) {
      const path = join(folder, `window-${host}-${port}.sock`);
      await serve(
        (inside) => joined(inside, kept(connect({ port: to, host: "127.0.0.1", allowHalfOpen: true }))),
        path,
      );
      const asker = connect(door);
      asker.write(`${JSON.stringify({ listen: { host, port }, to: path })}\n`);
      let answer = "";
      asker.setEncoding("utf8").on("data", (text: string) => {
        answer += text;
      });
      await once(asker, "end");
      if (answer !== "open\n") throw new Error(`${host}:${port} of the cluster's network: ${answer}`);
    },
    async close() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}
