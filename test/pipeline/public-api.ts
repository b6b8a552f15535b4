import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a search through the API finds: whatever the test says is in the index. */
export interface PublicApi {
  readonly url: string;
  /** Keys that came with requests. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** @param find gives the URIs that a query finds. */
export async function startPublicApi(find: (query: string) => readonly string[]): Promise<PublicApi> {
  const keys: string[] = [];
  const server = createServer(async (request, response) => {
    keys.push(String(request.headers["x-api-key"]));
    let text = "";
    for await (const piece of request) text += piece;
    const { query } = JSON.parse(text) as { readonly query: string };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ results: find(query).map((uri) => ({ source: { uri } })) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
