import { availableParallelism } from "node:os";
import { IsthmusError } from "../../core/errors.ts";
import { lazily } from "../../core/lazy.ts";
import type { Embedder } from "../../core/ports.ts";
import { describeModel } from "../model/description.ts";
import { openModelFolder } from "../model/folder.ts";
import type { OnnxEngine } from "./onnx-engine.ts";

export interface OnnxEmbedderOptions {
  /** A model folder: the bundled one, or what `fetchModel` returned. */
  readonly directory: string;
  /** Threads with a session each; default one a core. The first starts with the first text, the others when texts wait. */
  readonly workers?: number | undefined;
}

export interface OnnxEmbedder extends Embedder {
  /** Texts that each running worker has answered. */
  answered(): readonly number[];
}

/**
 * Runs a sentence-transformers ONNX model in this process. Every text is run by itself and unpadded: int8 models quantise
 * over all that is run together, so only then does a vector depend on its text alone.
 *
 * Here only the small files are read. The graph's digest in SHA256SUMS names the model, and the graph and the tokenizer
 * are held to their digests when they are loaded: no vector is ever made by other bytes than those that were named.
 * @throws `model_missing`, `model_damaged`, `model_unsupported`; loading throws these too, and `embedder_unavailable`.
 */
export async function createOnnxEmbedder(options: OnnxEmbedderOptions): Promise<OnnxEmbedder> {
  const folder = await openModelFolder(options.directory);
  const description = await describeModel(folder);
  const { maxTokens } = description;
  const workers = Math.max(1, Math.floor(options.workers ?? availableParallelism()));
  let running: OnnxEngine | undefined;
  const engine = lazily(
    "The embedder",
    async () => {
      // Imported here, so that whoever has no text loads neither the tokenizer's library nor a thread.
      const { startEngine } = await import("./onnx-engine.ts");
      const started = await startEngine(folder, description, workers);
      if (started.dimensions === (description.dimensions ?? started.dimensions)) {
        running = started;
        return started;
      }
      await started.pool.close();
      throw otherDimensions(folder.directory, description.dimensions, started.dimensions);
    },
    ({ pool }) => pool.close(),
  );

  return {
    identity: {
      model: description.name,
      dimensions: description.dimensions ?? (await engine.get()).dimensions,
      revision: description.revision,
    },
    ...(description.prefixes && { prefixes: description.prefixes }),
    limits: { maxTokens, maxBatch: 1, maxConcurrency: 2 * workers },
    async load(signal) {
      const { tokenizer } = await engine.get(signal);
      return (text) => tokenizer.count(text);
    },
    async unfamiliar(words, signal) {
      const { tokenizer } = await engine.get(signal);
      return tokenizer.unfamiliar(words);
    },
    async embed(texts, signal) {
      const { pool, tokenizer } = await engine.get(signal);
      return await pool.run(
        texts.map((text) => tokenizer.encode(text, maxTokens)),
        signal,
      );
    },
    answered: () => running?.pool.answered() ?? [],
    close: () => engine.close(),
  };
}

function otherDimensions(directory: string, declared: number | undefined, found: number): IsthmusError {
  return new IsthmusError(
    "model_unsupported",
    `The model in ${directory} says that its vectors have ${declared} dimensions (config.json), but its graph gives ${found}. Choose a model whose files agree.`,
  );
}
