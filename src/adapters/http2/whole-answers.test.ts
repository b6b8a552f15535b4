import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createPubSubSessions } from "../pubsub/connection.ts";
import { createSessions } from "../store/weaviate/sessions.ts";

const managers = {
  Weaviate: (url: string) => createSessions(url, "read", 30_000).manager,
  "Pub/Sub": (url: string) => createPubSubSessions(url),
};

for (const [peer, open] of Object.entries(managers))
  suite(`an answer of ${peer} over HTTP/2`, () => {
    /** Asks a server, and looks at the answer only when the stream is closed already, as on a machine that is busy. */
    async function lateRead(answer: (stream: ServerHttp2Stream) => void): Promise<string> {
      const server = createServer().on("stream", answer);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const manager = open(`http://127.0.0.1:${port}`);
      try {
        const stream = await manager.request("POST", "/", {}, {});
        stream.on("error", () => {});
        stream.end();
        await once(stream, "response");
        const pieces = stream[Symbol.asyncIterator]();
        while (!stream.closed) await turn();
        let text = "";
        for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) text += next.value;
        return text;
      } finally {
        manager.abort();
        await new Promise((resolve) => server.close(resolve));
      }
    }

    test("is whole, however late it is read", async () => {
      for (let time = 0; time < 20; time++)
        assert.equal(
          await lateRead((stream) => {
            stream.respond({ ":status": 200 }, { waitForTrailers: true });
            stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
            stream.write("first, ");
            stream.end("last");
          }),
          "first, last",
        );
    });

    test("that breaks off is no answer", async () => {
      await assert.rejects(
        lateRead((stream) => {
          stream.on("error", () => {});
          stream.respond({ ":status": 200 });
          stream.write("first", () => stream.session?.destroy());
        }),
      );
    });
  });
