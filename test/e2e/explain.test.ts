import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { deskFor, eventually } from "../support/cli.ts";
import { explainsItself, type Index, readsDocuments } from "../support/explained.ts";

test("query explains itself on the command line and over HTTP, and documents are read out of the index", async (context) => {
  const desk = deskFor(context);
  const place = (name: string, text: string) => desk.write(name, text);
  await explainsItself(desk, place);
  const running = desk.start("serve");
  const [, url = ""] = await running.seen(/Serving (http:\S+)/);
  await readsDocuments(url, place);
});

/** An embedding service that answers nobody until it is let go. */
async function startHeldEmbedder() {
  const held: (() => void)[] = [];
  let open = false;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      const { input }: { input: string[] } = JSON.parse(body);
      const data = input.map((_, index) => ({ index, embedding: [1, 0, 0, 0] }));
      const answer = () => response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
      if (open) answer();
      else held.push(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    environment: {
      ISTHMUS_EMBEDDING_URL: `http://127.0.0.1:${port}/v1`,
      ISTHMUS_EMBEDDING_MODEL: "test",
      ISTHMUS_EMBEDDING_DIMENSIONS: "4",
    },
    letGo() {
      open = true;
      for (const answer of held.splice(0)) answer();
    },
    close: () => void server.close().closeAllConnections(),
  };
}

test("a question during the first scan is told that not everything is there yet, and one after it is not", async (context) => {
  const embedder = await startHeldEmbedder();
  context.after(embedder.close);
  const desk = deskFor(context, embedder.environment);
  for (const name of ["one", "two", "three"]) desk.write(`${name}.txt`, `alpha ${name}`);
  const running = desk.start("start", "documents");
  const [, url = ""] = await running.seen(/serves (http:\S+);/);
  const ask = async (): Promise<Index> => {
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "alpha", mode: "keyword" }),
    });
    return (await response.json()) as Index;
  };
  const early = await eventually(ask, ({ index }) => index?.total === 3);
  assert.deepEqual([early.index?.state, early.index?.done, early.results.length], ["indexing", 0, 0]);
  embedder.letGo();
  await running.seen(/Indexed: 3 added/);
  const late = await ask();
  assert.deepEqual([late.index, late.results.length], [undefined, 3]);
});
