import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { makeCertificate } from "../../../../test/infra/deployed-weaviate.ts";
import { suiteWithWeaviate } from "../../../../test/support/weaviate.ts";
import { vectorOf } from "../contract/harness.ts";
import { message, withDocument } from "./failures.testing.ts";
import { createWeaviateStore } from "./store.ts";

/** A load balancer with TLS behind it, whose machines can die: they take bytes and connections, and say nothing more. */
async function startBalancer(grpcUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-balancer-"));
  makeCertificate(folder);
  const file = (name: string) => readFileSync(join(folder, name), "utf8");
  const target = new URL(grpcUrl);
  const sockets = new Set<Socket>();
  const kept = (socket: Socket) => {
    sockets.add(socket);
    return socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const tls = createTlsServer({ cert: file("tls.crt"), key: file("tls.key"), ALPNProtocols: ["h2"] }, (secure) => {
    const plain = kept(connect(Number(target.port), target.hostname));
    secure.on("error", () => plain.destroy()).on("close", () => plain.destroy());
    plain.on("close", () => secure.destroy());
    secure.pipe(plain).pipe(secure);
  });
  let silent = 0;
  let swallowed = 0;
  const front = createServer((socket) => {
    kept(socket);
    if (silent > 0) {
      silent -= 1;
      swallowed += 1;
      socket.resume();
    } else tls.emit("connection", socket);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(front.address() as AddressInfo).port}`,
    authority: file("ca.crt"),
    /** What is open falls silent, and so do this many connections to come. */
    die(connections: number) {
      silent = connections;
      for (const socket of sockets) socket.pause().unpipe();
    },
    swallowed: () => swallowed,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

await suiteWithWeaviate("a machine that dies without a word", {}, (weaviate) => {
  const identity = { model: "test/model", dimensions: 16, revision: "1" };
  const query = { mode: "vector", limit: 1, vector: vectorOf("a", 16) } as const;

  test("costs no search, though new connections to it get no answer either", () =>
    withDocument(weaviate(), async (settings) => {
      const balancer = await startBalancer(settings.grpcUrl);
      const reader = await createWeaviateStore({
        ...settings,
        grpcUrl: balancer.url,
        caCertificate: balancer.authority,
      }).openReader(identity);
      try {
        assert.equal((await reader.search(query)).length, 1);
        balancer.die(2);
        // Two at once, as a server has them: one connection is opened for both.
        const found = await Promise.all([reader.search(query), reader.search(query)]);
        assert.deepEqual(
          found.map(({ length }) => length),
          [1, 1],
        );
        assert.equal(balancer.swallowed(), 2);
      } finally {
        await reader.close();
        await balancer.stop();
      }
    }));

  test("is said to be away when no connection gets an answer", () =>
    withDocument(weaviate(), async (settings) => {
      const balancer = await startBalancer(settings.grpcUrl);
      const reader = await createWeaviateStore({
        ...settings,
        grpcUrl: balancer.url,
        caCertificate: balancer.authority,
        timeoutMs: 3_000,
      }).openReader(identity);
      try {
        assert.equal((await reader.search(query)).length, 1);
        balancer.die(Number.POSITIVE_INFINITY);
        assert.match(
          await message(reader.check(), "store_unavailable"),
          /a new connection gets no answer; check the network/,
        );
      } finally {
        await reader.close();
        await balancer.stop();
      }
    }));
});
