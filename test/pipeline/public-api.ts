import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a search through the API finds: whatever the test says is in the index. */
export interface PublicApi {
  readonly url: string;
  /** Keys that came with requests. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** The body of an answer, as far as the smoke test reads it. */
export interface AnswerBody {
  readonly abstained: boolean;
  readonly reason?: string;
  readonly degraded: boolean;
  readonly citations: readonly {
    readonly quote: string;
    readonly passage: number;
    readonly source: { readonly uri: string };
  }[];
  readonly passages: readonly { readonly content: string; readonly source: { readonly uri: string } }[];
}

/** The console's page, as far as the smoke test reads it, and its script. */
export function pageInOrder(path: string): readonly [number, Readonly<Record<string, string>>, string] {
  return path === "/"
    ? [200, { "content-security-policy": "script-src 'self'" }, '<script type="module" src="/app.js"></script>']
    : [200, { "content-type": "text/javascript; charset=utf-8" }, ""];
}

/**
 * @param find gives the URIs that a query finds.
 * @param page what stands where the console is.
 * @param answered makes something else of an answer that is in order, or gives a status in its place.
 */
export async function startPublicApi(
  find: (query: string) => readonly string[],
  answered: (body: AnswerBody) => AnswerBody | number = (body) => body,
  page: typeof pageInOrder = pageInOrder,
): Promise<PublicApi> {
  const keys: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      const [status, headers, body] = page(request.url ?? "");
      response.writeHead(status, headers).end(body);
      return;
    }
    keys.push(String(request.headers["x-api-key"]));
    let text = "";
    for await (const piece of request) text += piece;
    const { query, question } = JSON.parse(text) as { readonly query: string; readonly question?: string };
    const body =
      request.url === "/answer" && question !== undefined
        ? answered(answerOf(question, find))
        : { results: find(query).map((uri) => ({ source: { uri } })) };
    if (typeof body === "number") response.statusCode = body;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
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

/** From the smoke test's own document, whose word the question names. */
function answerOf(question: string, find: (query: string) => readonly string[]): AnswerBody {
  const [word = ""] = /isthmus[a-z]{8}/.exec(question) ?? [];
  const [uri] = find(word);
  if (uri === undefined)
    return { abstained: true, reason: "nothing_found", degraded: false, citations: [], passages: [] };
  const content = `This document is here for a minute. Its word is ${word}.`;
  return {
    abstained: false,
    degraded: false,
    citations: [{ quote: `Its word is ${word}.`, passage: 1, source: { uri } }],
    passages: [{ content, source: { uri } }],
  };
}
