import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { freePorts } from "../../../../test/peers/ports.ts";
import { startTcpProxy } from "../../../../test/support/lambda/tcp-proxy.ts";
import { suiteWithWeaviate } from "../../../../test/support/weaviate.ts";
import { attempt, chunksOf, commitOf, vectorOf } from "../contract/harness.ts";
import { createConnection } from "./connection.ts";
import { identity, message, withDocument } from "./failures.testing.ts";
import { createWeaviateStore } from "./store.ts";

await suiteWithWeaviate("a Weaviate that cannot be used", {}, (weaviate) => {
  test("nothing there, a name without an address, and a port of something else each get a sentence of their own", () =>
    withDocument(weaviate(), async (settings) => {
      const [nobody = 0] = await freePorts(1);
      const silent = { ...settings, url: `http://127.0.0.1:${nobody}`, timeoutMs: 2_000 };
      assert.match(
        await message(createWeaviateStore(silent).openReader(identity), "store_unavailable"),
        /nothing listens there/,
      );
      const unknown = { ...settings, url: "http://no-such-host.invalid:8080" };
      assert.match(
        await message(createWeaviateStore(unknown).openReader(identity), "store_unavailable"),
        /no address.*DNS/,
      );
      const other = createServer((_, response) => response.end("<html>hello</html>")).listen(0, "127.0.0.1");
      await new Promise((resolve) => other.once("listening", resolve));
      try {
        const address = other.address();
        const port = typeof address === "object" ? address?.port : 0;
        const wrong = { ...settings, url: `http://127.0.0.1:${port}` };
        assert.match(
          await message(createWeaviateStore(wrong).openReader(identity), "config_invalid"),
          /WEAVIATE_URL must name its HTTP port/,
        );
        const swapped = createWeaviateStore({ ...settings, grpcUrl: settings.url });
        for (const open of [() => swapped.openReader(identity), () => swapped.openWriter(identity)]) {
          assert.match(await message(open(), "config_invalid"), /WEAVIATE_GRPC_URL must name Weaviate's gRPC port/);
        }
        const gone = createWeaviateStore({ ...settings, grpcUrl: silent.url });
        assert.match(await message(gone.openReader(identity), "store_unavailable"), /nothing listens there/);
      } finally {
        other.close();
      }
    }));

  test("a search under a deadline ends by it while the server hangs, and the next one is answered", () =>
    withDocument(weaviate(), async (settings, running) => {
      const reader = await createWeaviateStore(settings).openReader(identity);
      const query = { mode: "vector", limit: 1, vector: vectorOf("a", 16) } as const;
      try {
        assert.equal((await reader.search(query)).length, 1);
        await running.nodes[0]?.pause();
        await message(reader.search(query, AbortSignal.timeout(300)), "deadline_exceeded");
        running.nodes[0]?.resume();
        assert.equal((await reader.search(query)).length, 1);
      } finally {
        running.nodes[0]?.resume();
        await reader.close();
      }
    }));

  test("what a reader asks over a connection that has fallen silent is asked again over another", () =>
    withDocument(weaviate(), async (settings) => {
      const proxy = await startTcpProxy(settings.url);
      const connection = createConnection({ ...settings, url: `http://127.0.0.1:${proxy.port}` }, "read");
      try {
        assert.equal((await connection.http.send("GET", "/v1/meta")).status, 200);
        proxy.dropSilently();
        assert.equal((await connection.http.send("GET", "/v1/meta")).status, 200);
      } finally {
        connection.close();
        await proxy.close();
      }
    }));

  test("a reader goes on after the server was killed and started again", () =>
    withDocument(weaviate(), async (settings, running) => {
      const reader = await createWeaviateStore(settings).openReader(identity);
      try {
        const query = { mode: "keyword", limit: 1, terms: ["common"] } as const;
        assert.equal((await reader.search(query)).length, 1);
        await running.nodes[0]?.kill();
        await message(reader.search(query), "store_unavailable");
        await message(reader.check(), "store_unavailable");
        await running.nodes[0]?.restart();
        assert.equal((await reader.search(query)).length, 1);
        await reader.check();
      } finally {
        await reader.close();
      }
    }));

  test("a writer waits for a server that restarts, and loses nothing", () =>
    withDocument(weaviate(), async (settings, running) => {
      const writer = await createWeaviateStore(settings).openWriter(identity);
      try {
        const of = attempt("gs://bucket/b.txt");
        await running.nodes[0]?.kill();
        const open = writer.begin(of);
        const putting = open.put(chunksOf(of, 3, 16));
        await running.nodes[0]?.restart();
        await putting;
        await open.commit(commitOf(of, 3));
        assert.deepEqual(await writer.count("gs://bucket/"), { documents: 2, chunks: 4, failed: 0, skipped: 0 });
      } finally {
        await writer.close();
      }
    }));
});
