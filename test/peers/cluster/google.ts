import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { googleAuthority } from "./authority.ts";
import type { KubernetesCluster } from "./cluster.ts";

/** What of Google Cloud a pod reaches over the network. */
export interface Google {
  /** Paths that pods asked the metadata server for, in order. */
  readonly askedMetadata: readonly string[];
  stop(): Promise<void>;
}

/**
 * Plays the metadata server of Workload Identity (169.254.169.254), and Cloud Storage and Pub/Sub by their own names and TLS on the
 * address that the network policies allow (private.googleapis.com).
 *
 * @param storage where Cloud Storage stands on this machine. @param pubSub where Pub/Sub does, `host:port`.
 */
export async function playGoogle({ doors }: KubernetesCluster, storage: string, pubSub?: string): Promise<Google> {
  const askedMetadata: string[] = [];
  const token = JSON.stringify({ access_token: "rehearsed", expires_in: 3600, token_type: "Bearer" });
  const metadata = createHttpServer((request, response) => {
    const path = request.url ?? "";
    askedMetadata.push(path);
    response.setHeader("metadata-flavor", "Google");
    if (path.includes("/token")) response.setHeader("content-type", "application/json").end(token);
    else if (path.includes("/universe")) response.statusCode = 404;
    else if (path.includes("/email")) response.end("rehearsed@example-project.iam.gserviceaccount.com");
    response.end();
  });
  const { certificate, key } = googleAuthority();
  const pubSubName = "pubsub.googleapis.com";
  const tls = {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    // Pub/Sub speaks gRPC, and the stand-in of Cloud Storage no HTTP/2.
    ALPNCallback: ({ servername, protocols }: { servername: string; protocols: string[] }) =>
      protocols.find((one) => one === (servername === pubSubName ? "h2" : "http/1.1")),
  };
  const portOf = (name: string | false | null) =>
    Number(name === pubSubName && pubSub !== undefined ? pubSub.split(":")[1] : new URL(storage).port);
  const open = new Set<Socket>();
  const track = (socket: Socket) => void open.add(socket.on("close", () => open.delete(socket)));
  const front = createTlsServer({ ...tls, allowHalfOpen: true }, (secure) => {
    const plain = connect({
      port: portOf((secure as TLSSocket & { servername: string | false }).servername),
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    track(plain);
    secure.on("error", () => plain.destroy()).on("close", () => secure.readableEnded || plain.destroy());
    plain.on("error", () => secure.destroy()).on("close", () => plain.readableEnded || secure.destroy());
    secure.pipe(plain).pipe(secure);
  });
  // The sockets below TLS: one that only knocked never gets as far as a secure one.
  for (const server of [metadata, front]) server.on("connection", track);
  await doors.outOf("169.254.169.254", 80, await listen(metadata));
  await doors.outOf("199.36.153.8", 443, await listen(front));
  return {
    askedMetadata,
    async stop() {
      const closed = [metadata, front].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
