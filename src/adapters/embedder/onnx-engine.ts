import type { ModelDescription } from "../model/description.ts";
import type { ModelFolder } from "../model/folder.ts";
import { loadTokenizer, type TextTokenizer } from "./tokenizer.ts";
import { startWorker } from "./worker-handle.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";

/** What turns texts into vectors: a model's tokenizer, and sessions of its graph. */
export interface OnnxEngine {
  readonly tokenizer: TextTokenizer;
  readonly pool: WorkerPool;
  /** Length of the vectors, as the graph gives them. */
  readonly dimensions: number;
}

/**
 * Reads a model, every file against its checksum, and starts the first worker.
 *
 * @param workers threads at most.
 * @throws `model_missing`, `model_damaged`, `model_unsupported`, `embedder_unavailable`
 */
export async function startEngine(
  folder: ModelFolder,
  description: ModelDescription,
  workers: number,
): Promise<OnnxEngine> {
  const readModel = () => folder.read(description.onnxFile);
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
  return { tokenizer, pool, dimensions: first.dimensions };
}
