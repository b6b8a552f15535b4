import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { listen, stop } from "../../../test/support/model-hub.ts";
import { writeTinyModel } from "../../../test/support/tiny-model.ts";
import type { Embedder } from "../../core/ports.ts";
import { embedderContract } from "./embedder.contract.ts";
import { createOnnxEmbedder } from "./onnx.ts";
import { createOpenAICompatibleEmbedder } from "./openai-compatible.ts";

interface EmbeddingsRequest {
  readonly model: string;
  readonly input: string[];
  readonly dimensions?: number;
}

type Answer = (asked: EmbeddingsRequest, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

const options = { apiKey: "sk-secret", model: "tiny", dimensions: 4, maxTokens: 50, maxBatch: 8 };

async function startEndpoint(answer: Answer): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk);
    await answer(JSON.parse(Buffer.concat(body).toString()), response, request);
  });
  return { url: `${await listen(server)}/v1`, close: () => stop(server) };
}

const send = (response: ServerResponse, value: unknown, status = 200, headers = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));

embedderContract("an OpenAI-compatible endpoint", async () => {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-remote-"));
  await writeTinyModel(directory);
  const model = await createOnnxEmbedder({ directory, workers: 1 });
  const endpoint = await startEndpoint(async ({ input }, response) => {
    if (input.includes("")) return void send(response, { error: { code: "empty_input" } }, 400);
    const vectors = await model.embed(input);
    // Not in order and not of unit length, which the protocol allows.
    const data = vectors
      .map((vector, index) => ({ index, embedding: Array.from(vector, (value) => value * 3) }))
      .reverse();
    send(response, { object: "list", data, model: "tiny", usage: {} });
  });
  return {
    embedder: createOpenAICompatibleEmbedder({ ...options, url: endpoint.url, dimensions: 16 }),
    async close() {
      await endpoint.close();
      await model.close();
      await rm(directory, { recursive: true });
    },
  };
});

describe("an OpenAI-compatible endpoint", () => {
  let answer: Answer;
  let endpoint: { url: string; close: () => Promise<void> };
  let embedder: Embedder;
  let asked: EmbeddingsRequest[];

  beforeEach(async () => {
    asked = [];
    endpoint = await startEndpoint((request, response, message) => {
      asked.push(request);
      return answer(request, response, message);
    });
    embedder = createOpenAICompatibleEmbedder({ ...options, url: `${endpoint.url}/` }, { timeoutMs: 2_000 });
  });
  afterEach(async () => {
    await embedder.close();
    await endpoint.close();
  });

  const vectors = (count: number, length = 4) => ({
    data: Array.from({ length: count }, (_, index) => ({ index, embedding: Array(length).fill(index + 1) })),
  });

  test("the request is the protocol's, and the key travels in its header alone", async () => {
    let headers: IncomingMessage["headers"] = {};
    let path: string | undefined;
    answer = (_, response, request) => {
      headers = request.headers;
      path = request.url;
      send(response, vectors(2));
    };
    const result = await embedder.embed(["one", "two"]);
    assert.deepEqual(asked, [{ model: "tiny", input: ["one", "two"], encoding_format: "float" }]);
    assert.equal(headers.authorization, "Bearer sk-secret");
    assert.equal(path, "/v1/embeddings");
    assert.deepEqual(result, [Float32Array.of(0.5, 0.5, 0.5, 0.5), Float32Array.of(0.5, 0.5, 0.5, 0.5)]);
    assert.deepEqual(embedder.identity, { model: "tiny", dimensions: 4, revision: "tiny" });
    assert.equal(embedder.limits.maxBatch, 8);
  });

  test("base64 is read where a server prefers it", async () => {
    const embedding = Buffer.from(Float32Array.of(0, 3, 0, 4).buffer).toString("base64");
    answer = (_, response) => void send(response, { data: [{ index: 0, embedding }] });
    assert.deepEqual(await embedder.embed(["one"]), [Float32Array.of(0, 0.6, 0, 0.8)]);
  });

  const unavailable: [number, string | undefined, number | undefined][] = [
    [429, "7", 7_000],
    [503, new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
    [500, undefined, undefined],
    [429, "soon", undefined],
  ];
  for (const [status, header, wait] of unavailable) {
    test(`${status} with Retry-After ${header === undefined ? "absent" : wait === undefined ? "unreadable" : "given"} can be tried again`, async () => {
      answer = (_, response) => void send(response, {}, status, header === undefined ? {} : { "retry-after": header });
      const error = await embedder.embed(["one"]).catch((thrown) => thrown);
      assert.equal(error.code, "embedder_unavailable");
      assert.equal(error.retryable, true);
      if (wait === undefined) assert.equal(error.retryAfterMs, undefined);
      else assert.ok(error.retryAfterMs > wait - 60_000 && error.retryAfterMs <= wait);
    });
  }

  test("a refusal is final and repeats neither text nor key nor the server's words", async () => {
    answer = ({ input }, response, { headers }) =>
      void send(response, { error: { message: `bad: ${input} ${headers.authorization}`, code: "invalid_model" } }, 400);
    const error = await embedder.embed(["my private text"]).catch((thrown) => thrown);
    assert.equal(error.code, "embedder_rejected");
    assert.match(error.message, /400 \(invalid_model\)/);
    for (const part of [error.message, error.stack, String(error.cause)]) assert.doesNotMatch(part, /private|secret/);
    answer = (_, response) => void send(response, {}, 401);
    await assert.rejects(embedder.embed(["one"]), {
      code: "embedder_misconfigured",
      message: /ISTHMUS_EMBEDDING_API_KEY/,
    });
  });

  const wrong: [string, unknown, RegExp][] = [
    ["too few vectors", vectors(1), /1 vectors for 2 texts/],
    ["too many vectors", vectors(3), /3 vectors for 2 texts/],
    [
      "an index twice",
      {
        data: [
          { index: 0, embedding: [1, 1, 1, 1] },
          { index: 0, embedding: [1, 1, 1, 1] },
        ],
      },
      /index 0/,
    ],
    [
      "an index beyond the texts",
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 2, embedding: [1] },
        ],
      },
      /index 2/,
    ],
    ["other dimensions", vectors(2, 5), /5 dimensions where 4/],
    ["a zero vector", { data: [{ embedding: [0, 0, 0, 0] }, { embedding: [1, 1, 1, 1] }] }, /zero/],
    ["no numbers", { data: [{ embedding: [1, "x", null, 1] }, { embedding: [1, 1, 1, 1] }] }, /numbers/],
    ["no embeddings", { ok: true }, /list of embeddings/],
    ["null", null, /list of embeddings/],
  ];
  for (const [name, body, message] of wrong) {
    test(`${name} is a mismatch`, async () => {
      answer = (_, response) => void send(response, body);
      await assert.rejects(embedder.embed(["one", "two"]), { code: "embedder_mismatch", retryable: false, message });
    });
  }

  test("an answer that is not JSON is a mismatch, and is not quoted", async () => {
    answer = (_, response) => void response.writeHead(200).end("<html>log in, private</html>");
    const error = await embedder.embed(["one"]).catch((thrown) => thrown);
    assert.equal(error.code, "embedder_mismatch");
    assert.doesNotMatch(String(error.stack) + String(error.cause), /private/);
  });

  test("the dimensions are asked for when the model's own are others", async () => {
    answer = ({ input, dimensions = 9 }, response) => void send(response, vectors(input.length, dimensions));
    for (const _ of [1, 2]) assert.equal((await embedder.embed(["one"]))[0]?.length, 4);
    assert.deepEqual(
      asked.map(({ dimensions }) => dimensions),
      [undefined, 4, 4],
    );
  });

  test("a server that refuses to change its dimensions is a mismatch", async () => {
    answer = ({ dimensions }, response) =>
      void (dimensions === undefined ? send(response, vectors(1, 9)) : send(response, {}, 400));
    await assert.rejects(embedder.embed(["one"]), { code: "embedder_mismatch", message: /9 dimensions where 4/ });
  });

  test("silence ends with the timeout, a dead endpoint at once", async () => {
    const hurried = createOpenAICompatibleEmbedder({ ...options, url: endpoint.url }, { timeoutMs: 20 });
    answer = () => {};
    await assert.rejects(hurried.embed(["one"]), { code: "embedder_unavailable", message: /within 20 ms/ });
    await endpoint.close();
    await assert.rejects(hurried.embed(["one"]), { code: "embedder_unavailable", message: /ECONNREFUSED/ });
    endpoint = await startEndpoint(() => {});
    await hurried.close();
  });

  test("texts over the limit are cut off before they are sent", async () => {
    answer = ({ input }, response) => void send(response, vectors(input.length));
    await embedder.embed(["word ".repeat(1_000), "short"]);
    const [long = "", short] = asked[0]?.input ?? [];
    const countTokens = await embedder.load();
    assert.ok(long.length > 50 && countTokens(long) <= 50);
    assert.equal(short, "short");
  });

  test("a URL that is none is a fault of the configuration", () => {
    assert.throws(() => createOpenAICompatibleEmbedder({ ...options, url: "localhost" }), { code: "config_invalid" });
  });
});
