import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    const ports: number[] = [];
    for (let index = 0; index < count; index++) {
      const server = await listenAnywhere();
      held.push(server);
      ports.push(portOf(server));
    }
    return ports;
  } finally {
    await Promise.all(held.map(release));
  }
}

/** First ports of free pairs: Weaviate takes the next port for the data beside gossip, and for RPC beside Raft. */
export async function freePairs(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    const ports: number[] = [];
    while (ports.length < count) {
      const first = await listenAnywhere();
      held.push(first);
      const second = await listen(portOf(first) + 1).catch(() => undefined);
      if (second === undefined) continue;
      held.push(second);
      ports.push(portOf(first));
    }
    return ports;
  } finally {
    await Promise.all(held.map(release));
  }
}

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): one of those may be taken
 * again between the moment it was found free and the moment its server starts.
 */
async function listenAnywhere(): Promise<Server> {
  for (;;) {
    const server = await listen(randomInt(12_000, 32_000)).catch(() => undefined);
    if (server !== undefined) return server;
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
