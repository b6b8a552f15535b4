import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { KubernetesCluster } from "../peers/cluster/cluster.ts";

/** What a push goes to: every node takes the archive that a request names, and the answer is the image's digest. */
export async function startRegistry(cluster: Pick<KubernetesCluster, "loadImage">) {
  const server = createServer(async (request, response) => {
    try {
      response.end(await cluster.loadImage(await text(request)));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.close();
      await once(server, "close");
    },
  };
}
