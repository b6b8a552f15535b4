import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenAI-compatible embedder that answers at once, and while it is held, not before it is let go. */
export interface GatedEmbedder {
  readonly environment: Readonly<Record<string, string>>;
  /** Texts that are still answered; the next one waits. */
  holdAfter(texts: number): void;
  release(): void;
  close(): void;
}

export async function startGatedEmbedder(maxTokens: number): Promise<GatedEmbedder> {
  let left = Number.POSITIVE_INFINITY;
  let held: (() => void)[] = [];
  const answer = (response: ServerResponse, texts: readonly string[]) => {
    const data = texts.map((text, index) => ({ index, embedding: vectorOf(text) }));
    response.setHeader("content-type", "application/json").end(JSON.stringify({ data }));
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const { input }: { input: string[] } = JSON.parse(body);
    left -= input.length;
    if (left >= 0) answer(response, input);
    else held.push(() => answer(response, input));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    environment: {
      ISTHMUS_EMBEDDING_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      ISTHMUS_EMBEDDING_MODEL: "gated",
      ISTHMUS_EMBEDDING_DIMENSIONS: "4",
      ISTHMUS_EMBEDDING_MAX_TOKENS: String(maxTokens),
    },
    holdAfter(texts) {
      left = texts;
    },
    release() {
      left = Number.POSITIVE_INFINITY;
      for (const go of held) go();
      held = [];
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Of length one, and the same for the same text. */
function vectorOf(text: string): number[] {
  const angle = text.length % 7;
  return [Math.cos(angle), Math.sin(angle), 0, 0];
}
