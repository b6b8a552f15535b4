import { Semaphore } from "./concurrency.ts";
import { IsthmusError, present } from "./errors.ts";
import type { Embedder } from "./ports.ts";
import { type RetryPolicy, retrying } from "./retry.ts";

/** A question as the model was trained to see it. */
export function asQuestion({ prefixes }: Pick<Embedder, "prefixes">, text: string): string {
  return `${prefixes?.question ?? ""}${text}`;
}

/** A passage as the model was trained to see it. */
export function asPassage({ prefixes }: Pick<Embedder, "prefixes">, text: string): string {
  return `${prefixes?.passage ?? ""}${text}`;
}

/** Embeds texts of many callers at once: batches them to the embedder's limits, bounds what is in flight, and retries. */
export interface EmbeddingScheduler {
  /** In order, one unit vector for each text. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}

interface Waiting {
  readonly text: string;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Texts of different callers share a batch. A batch leaves when it is full, or as soon as a call is free to take it: an
 * idle embedder never waits for company.
 */
export function createEmbeddingScheduler(embedder: Embedder, policy?: Partial<RetryPolicy>): EmbeddingScheduler {
  const { maxBatch, maxConcurrency } = embedder.limits;
  const calls = new Semaphore(maxConcurrency);
  const queue: Waiting[] = [];
  let pumping = false;

  async function pump(): Promise<void> {
    pumping = true;
    // One turn of the event loop lets callers of the same moment share the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const release = await calls.acquire();
      const batch = take(queue, maxBatch);
      void send(batch).finally(release);
    }
    pumping = false;
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const texts = batch.map((waiting) => waiting.text);
    // A shared batch outlives the caller who gives up; a batch of one caller ends with it.
    const signals = new Set(batch.map((waiting) => waiting.signal));
    const signal = signals.size === 1 ? batch[0]?.signal : undefined;
    try {
      const vectors = await retrying(() => embedder.embed(texts, signal), { ...policy, ...(signal && { signal }) });
      check(vectors, texts.length, embedder.identity.dimensions);
      for (const [index, waiting] of batch.entries()) {
        waiting.resolve(present(vectors[index], `the vector of text ${index}`));
      }
    } catch (error) {
      const rejected = error instanceof IsthmusError && error.code === "embedder_rejected";
      // One text that the embedder refuses must not fail those that happened to share its batch.
      if (rejected && batch.length > 1) for (const waiting of batch) await send([waiting]);
      else for (const waiting of batch) waiting.reject(error);
    }
  }

  return {
    embed(texts, signal) {
      const vectors = texts.map(
        (text) =>
          new Promise<Float32Array>((resolve, reject) => {
            queue.push({ text, signal, resolve, reject });
          }),
      );
      if (!pumping && queue.length > 0) void pump();
      return Promise.all(vectors);
    },
  };
}

function take(queue: Waiting[], size: number): Waiting[] {
  const batch: Waiting[] = [];
  while (batch.length < size) {
    const waiting = queue.shift();
    if (waiting === undefined) break;
    if (waiting.signal?.aborted === true) waiting.reject(waiting.signal.reason);
    else batch.push(waiting);
  }
  return batch;
}

function check(vectors: readonly Float32Array[], count: number, dimensions: number): void {
  if (vectors.length !== count) {
    throw new IsthmusError("embedder_mismatch", `The embedder answered ${vectors.length} vectors to ${count} texts.`);
  }
  const wrong = vectors.find((vector) => vector.length !== dimensions);
  if (wrong !== undefined) {
    throw new IsthmusError(
      "embedder_mismatch",
      `The embedder answered a vector of ${wrong.length} dimensions where its model has ${dimensions}; check the model's name and dimensions.`,
    );
  }
}
