import { IsthmusError } from "../../core/errors.ts";
import { lazily } from "../../core/lazy.ts";
import type { Embedder } from "../../core/ports.ts";
import { describeModel } from "../model/description.ts";
import { openModelFolder } from "../model/folder.ts";
import { createSession } from "./onnx-session.ts";
import { loadTokenizer } from "./tokenizer.ts";

/**
 * Runs a sentence-transformers ONNX model on the calling thread: one session, one text at a time, no worker. It starts
 * sooner and holds less memory than `createOnnxEmbedder`, and blocks the thread for the length of each run (a few
 * milliseconds for a query): for a process that answers one query at a time. Gives the same vectors.
 * @param directory a model folder, the bundled one or another.
 * @throws `model_missing`, `model_damaged`, `model_unsupported`; loading throws these too.
 */
export async function createDirectOnnxEmbedder(directory: string): Promise<Embedder> {
  const folder = await openModelFolder(directory);
  const description = await describeModel(folder);
  const { maxTokens } = description;
  // One after the other: runs at once would only take turns on the same thread.
  let last: Promise<unknown> = Promise.resolve();

  const engine = lazily("The embedder", load, async () => void (await last));

  async function load() {
    const bytes = await folder.read(description.onnxFile);
    const session = await createSession(bytes, description).catch((cause: unknown) => {
      throw cause instanceof IsthmusError ? cause : unloadable(cause);
    });
    const tokenizer = await loadTokenizer(folder);
    // The first run allocates and shows how long vectors are: neither should be left to the first text.
    const { length: dimensions } = await session.run(tokenizer.encode("a", maxTokens));
    return { session, tokenizer, dimensions };
  }

  async function embedInTurn(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const { session, tokenizer } = await engine.get(signal);
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      const ids = tokenizer.encode(text, maxTokens);
      vectors.push(await session.run(ids).catch((cause: unknown) => Promise.reject(failed(cause))));
    }
    return vectors;
  }

  return {
    identity: {
      model: description.name,
      dimensions: description.dimensions ?? (await engine.get()).dimensions,
      revision: description.revision,
    },
    ...(description.prefixes && { prefixes: description.prefixes }),
    limits: { maxTokens, maxBatch: 1, maxConcurrency: 1 },
    async load(signal) {
      const { tokenizer } = await engine.get(signal);
      return (text) => tokenizer.count(text);
    },
    async unfamiliar(words, signal) {
      const { tokenizer } = await engine.get(signal);
      return tokenizer.unfamiliar(words);
    },
    embed(texts, signal) {
      const turn = last.then(() => embedInTurn(texts, signal));
      last = turn.catch(() => {});
      return turn;
    },
    close: () => engine.close(),
  };
}

function failed(cause: unknown): IsthmusError {
  return new IsthmusError("embedder_unavailable", `The model could not be run on a text (${reasonOf(cause)}).`, {
    cause,
  });
}

function unloadable(cause: unknown): IsthmusError {
  return new IsthmusError("model_unsupported", `The model cannot be loaded (${reasonOf(cause)}).`, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
