import { availableParallelism } from "node:os";
import type { Embedder } from "../../core/ports.ts";
import { describeModel } from "../model/description.ts";
import { openModelFolder } from "../model/folder.ts";
import { loadTokenizer } from "./tokenizer.ts";
import { startWorker } from "./worker-handle.ts";
import { createWorkerPool } from "./worker-pool.ts";

export interface OnnxEmbedderOptions {
  /** A model folder: the bundled one, or what `fetchModel` returned. */
  readonly directory: string;
  /** Threads with a session each; default one a core. The first starts at once, the others when texts have to wait. */
  readonly workers?: number | undefined;
}

export interface OnnxEmbedder extends Embedder {
  /** Texts that each running worker has answered. */
  answered(): readonly number[];
}

/**
 * Runs a sentence-transformers ONNX model in this process. Every text is run by itself and unpadded: int8 models quantise
 * over all that is run together, so only then does a vector depend on its text alone.
 * @throws `model_missing`, `model_damaged`, `model_unsupported`, `embedder_unavailable`
 */
export async function createOnnxEmbedder(options: OnnxEmbedderOptions): Promise<OnnxEmbedder> {
  const folder = await openModelFolder(options.directory);
  const description = await describeModel(folder);
  const readModel = () => folder.read(description.onnxFile);
  const { maxTokens } = description;
  const workers = Math.max(1, Math.floor(options.workers ?? availableParallelism()));

  // The thread starts while its model is read, and the tokenizer is built while it loads the model.
  const model = readModel();
  const starting = startWorker(
    model.then((bytes) => ({ bytes, exclusive: true })),
    description,
  );
  const [tokenizer, first] = await Promise.all([model.then(() => loadTokenizer(folder)), starting]).catch(
    async (thrown: unknown) => {
      await starting.then((worker) => worker.close()).catch(() => undefined);
      throw thrown;
    },
  );
  const pool = createWorkerPool(first, workers, (count) => {
    const shared = readModel().then((bytes) => ({ bytes, exclusive: false }));
    return Array.from({ length: count }, () => startWorker(shared, description));
  });

  return {
    identity: {
      model: description.name,
      dimensions: first.dimensions,
      revision: folder.checksums.get(description.onnxFile)?.slice(0, 16) ?? "",
    },
    limits: { maxTokens, maxBatch: 1, maxConcurrency: 2 * workers },
    countTokens: (text) => tokenizer.count(text),
    embed: async (texts, signal) =>
      pool.run(
        texts.map((text) => tokenizer.encode(text, maxTokens)),
        signal,
      ),
    answered: () => pool.answered(),
    close: () => pool.close(),
  };
}
