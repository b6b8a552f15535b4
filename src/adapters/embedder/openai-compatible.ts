import { IsthmusError } from "../../core/errors.ts";
import { lazily } from "../../core/lazy.ts";
import type { Embedder } from "../../core/ports.ts";
import { bundledModelDirectory } from "../model/bundled.ts";
import { openModelFolder } from "../model/folder.ts";
import { postEmbeddings } from "./remote-request.ts";
import { checkDimensions, readVectors } from "./remote-response.ts";
import type { RemoteEmbedderEnvironment, RemoteEmbedderOptions } from "./remote-settings.ts";
import { createTokenEstimate } from "./token-estimate.ts";

/**
 * Embeds by an OpenAI-compatible endpoint, one request a call; batching and retries are the caller's. Tokens are estimated
 * with the bundled model's tokenizer and a margin, since the endpoint's own is not known; texts over the limit are cut off
 * here, because some servers refuse them.
 * @throws `config_invalid` for a URL that is none; loading throws `model_missing`, `model_damaged` for the bundled tokenizer.
 */
export function createOpenAICompatibleEmbedder(
  options: RemoteEmbedderOptions,
  environment: RemoteEmbedderEnvironment = {},
): Embedder {
  const endpoint = parseEndpoint(options.url);
  const closing = new AbortController();
  const estimating = lazily(
    "The embedder",
    async () => {
      const { loadTokenizer } = await import("./tokenizer.ts");
      return createTokenEstimate(await loadTokenizer(await openModelFolder(bundledModelDirectory())));
    },
    async () => closing.abort(),
  );
  const where = `${endpoint.origin}${endpoint.pathname}`;
  // Some servers refuse the parameter, so it is sent only once an answer without it had other dimensions.
  let askForDimensions = false;

  async function request(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const input = {
      model: options.model,
      input: texts,
      encoding_format: "float",
      ...(askForDimensions && { dimensions: options.dimensions }),
    };
    const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
    return readVectors(
      await postEmbeddings(endpoint, options.apiKey, input, signals, environment),
      texts.length,
      where,
    );
  }

  return {
    identity: { model: options.model, dimensions: options.dimensions, revision: options.model },
    limits: {
      maxTokens: options.maxTokens,
      maxBatch: options.maxBatch,
      maxConcurrency: environment.maxConcurrency ?? 4,
    },
    async load(signal) {
      const estimate = await estimating.get(signal);
      return (text) => estimate.count(text);
    },
    async embed(texts, signal) {
      if (texts.length === 0) return [];
      const estimate = await estimating.get(signal);
      // OpenAI refuses an empty input; a space is the nearest text to none.
      const input = texts.map((text) => estimate.truncate(text, options.maxTokens) || " ");
      let vectors = await request(input, signal);
      if (!askForDimensions && vectors.some((vector) => vector.length !== options.dimensions)) {
        askForDimensions = true;
        vectors = await request(input, signal).catch((thrown: unknown) => {
          if (!(thrown instanceof IsthmusError && thrown.code === "embedder_rejected")) throw thrown;
          return vectors;
        });
      }
      checkDimensions(vectors, options.dimensions, where);
      return vectors;
    },
    close: () => estimating.close(),
  };
}

function parseEndpoint(url: string): URL {
  try {
    return new URL(`${url.replace(/\/+$/, "")}/embeddings`);
  } catch (cause) {
    throw new IsthmusError(
      "config_invalid",
      "ISTHMUS_EMBEDDING_URL is not a URL, for example http://127.0.0.1:8080/v1.",
      {
        cause,
        field: "ISTHMUS_EMBEDDING_URL",
      },
    );
  }
}
