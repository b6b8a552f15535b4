// A small language model behind an OpenAI-compatible endpoint: `node server.mjs PORT MODEL`. It writes one answer at a time.
import { createServer } from "node:http";
import process from "node:process";
import { getLlama, LlamaChatSession } from "node-llama-cpp";

const [, , port, path] = process.argv;
// Threads of llama.cpp wait by spinning: with two on a busy machine a token takes thirty times as long.
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: "error", maxThreads: 1 });
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({ contextSize: 4096, batchSize: 512 });
const sequence = context.getSequence();
let last = Promise.resolve();

/**
 * The form of core/answer/form.ts, forced: by itself so small a model would write prose, and every line of it be garbled. First a true quote, one of
 * a few, under which it writes what it likes; then perhaps a quote of its own.
 */
function grammarOf(material) {
  const passages = [...material.matchAll(/<passage (\d+) (\w+)>\n([\s\S]*?)\n<\/passage \1 \2>/g)];
  const quotes = passages.flatMap(([, number, , text]) =>
    (text.match(/[A-Z][^.\n"\\]{15,140}\./g) ?? [])
      .slice(0, 4)
      .map((quote) => JSON.stringify(`Q${number}: ${quote}\n`)),
  );
  const own = '"Q" [1-3] ": " line "\\n"';
  return `root ::= (${[...quotes.slice(0, 12), ...(quotes.length === 0 ? [own] : [])].join(" | ")}) sentence (${own} sentence)? "END"
sentence ::= "S: " line "\\n"
line ::= [A-Za-z0-9] [A-Za-z0-9 ,.%'-]{10,110}
`;
}

async function write(body, response) {
  if (response.destroyed) return;
  const said = (role) => body.messages.find((message) => message.role === role)?.content ?? "";
  const stopping = new AbortController();
  response.once("close", () => stopping.abort());
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (chunk) =>
    response.write(
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: body.model, ...chunk })}\n\n`,
    );
  await sequence.clearHistory();
  const session = new LlamaChatSession({
    contextSequence: sequence,
    systemPrompt: said("system"),
    autoDisposeSequence: false,
  });
  let tokens = 0;
  const { stopReason } = await session.promptWithMeta(said("user"), {
    maxTokens: body.max_tokens ?? 100,
    // Inventive, whatever was asked for, and the same in every run.
    temperature: 0.7,
    seed: 7,
    signal: stopping.signal,
    stopOnAbortSignal: true,
    grammar: await llama.createGrammar({ grammar: grammarOf(said("user")) }),
    onTextChunk: (content) => send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    onToken: (some) => {
      tokens += some.length;
    },
  });
  session.dispose({ disposeSequence: false });
  send({ choices: [{ index: 0, delta: {}, finish_reason: stopReason === "maxTokens" ? "length" : "stop" }] });
  const asked = model.tokenize(said("system") + said("user")).length;
  send({ choices: [], usage: { prompt_tokens: asked, completion_tokens: tokens, total_tokens: asked + tokens } });
  response.end("data: [DONE]\n\n");
}

createServer((request, response) => {
  if (request.method === "GET") return void response.end('{"data":[]}');
  let text = "";
  request.setEncoding("utf8").on("data", (piece) => {
    text += piece;
  });
  request.on("end", () => {
    last = last
      .then(() => write(JSON.parse(text), response))
      .catch((error) => {
        process.stderr.write(`${error?.stack}\n`);
        response.destroy();
      });
  });
}).listen(Number(port), "127.0.0.1");
