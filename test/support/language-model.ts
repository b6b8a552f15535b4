import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the endpoint was asked. */
export interface Asked {
  readonly instructions: string;
  readonly material: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage["headers"];
  /** Resolves when the connection of this request is closed, by whom ever. */
  readonly closed: Promise<void>;
}

/** Answers one request, however badly. */
export type Behaviour = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** An OpenAI-compatible endpoint over a real socket that behaves as it is told. */
export interface LanguageModelEndpoint {
  /** Up to and including `/v1`. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** For the next requests, one each; the last one stays. */
  behave(...behaviours: readonly Behaviour[]): void;
  close(): Promise<void>;
}

export async function startEndpoint(...first: readonly Behaviour[]): Promise<LanguageModelEndpoint> {
  let behaviours = [...first];
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    request.on("error", () => {});
    request.on("end", () => {
      const body = JSON.parse(text) as { messages: { role: string; content: string }[] };
      const said = (role: string) => body.messages.find((message) => message.role === role)?.content ?? "";
      const closed = new Promise<void>((resolve) => response.once("close", resolve));
      const one: Asked = {
        instructions: said("system"),
        material: said("user"),
        body: body as unknown as Record<string, unknown>,
        headers: request.headers,
        closed,
      };
      asked.push(one);
      const behaviour = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
      void Promise.resolve(behaviour?.(response, one)).catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    behave(...given) {
      behaviours = [...given];
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Begins an event stream. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

/** One piece of text as the model writes it. */
export function sendText(response: ServerResponse, content: string): void {
  sendChunk(response, { choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }] });
}

export function sendChunk(response: ServerResponse, chunk: object): void {
  const base = { id: "c1", object: "chat.completion.chunk", created: 1, model: "scripted" };
  response.write(`data: ${JSON.stringify({ ...base, ...chunk })}\n\n`);
}

/** Its own end, with what it cost. */
export function endStream(
  response: ServerResponse,
  reason = "stop",
  usage: object | undefined = tokens(100, 20),
): void {
  sendChunk(response, { choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  if (usage !== undefined) sendChunk(response, { choices: [], usage });
  response.end("data: [DONE]\n\n");
}

export function tokens(input: number, output: number) {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

/** Writes the text, in pieces, and ends. */
export function writes(text: string, reason?: string, pieceLength = 7): Behaviour {
  return (response) => {
    beginStream(response);
    for (let at = 0; at < text.length; at += pieceLength) sendText(response, text.slice(at, at + pieceLength));
    endStream(response, reason);
  };
}

/** Refuses. */
export function refuses(status: number, headers: Readonly<Record<string, string>> = {}, body?: string): Behaviour {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(
      body ?? JSON.stringify({ error: { message: "SECRET words of the provider", code: `code_${status}` } }),
    );
  };
}
