import { createBatcher } from "./batcher.ts";
import { IsthmusError } from "./errors.ts";
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

interface EmbeddingText {
  readonly text: string;
  readonly signal: AbortSignal | undefined;
}

type Embedded = { readonly vector: Float32Array } | { readonly error: unknown };

/**
 * Texts of different callers share a batch. A batch leaves when it is full, or as soon as a call is free to take it: an
 * idle embedder never waits for company.
 */
export function createEmbeddingScheduler(embedder: Embedder, policy?: Partial<RetryPolicy>): EmbeddingScheduler {
  const { maxBatch, maxConcurrency } = embedder.limits;
  const limits = { most: maxBatch, inFlight: maxConcurrency, weigh: () => 1 };
  const enqueue = createBatcher<EmbeddingText, Embedded>(limits, embedBatch);

  async function embedBatch(batch: readonly EmbeddingText[]): Promise<Embedded[]> {
    const texts = batch.map(({ text }) => text);
    // A shared batch outlives the caller who gives up; a batch of one caller ends with it.
    const signals = new Set(batch.map(({ signal }) => signal));
    const signal = signals.size === 1 ? batch[0]?.signal : undefined;
    try {
      const vectors = await retrying(() => embedder.embed(texts, signal), { ...policy, ...(signal && { signal }) });
      check(vectors, texts.length, embedder.identity.dimensions);
      return vectors.map((vector) => ({ vector }));
    } catch (error) {
      const rejected = error instanceof IsthmusError && error.code === "embedder_rejected";
      if (!rejected || batch.length === 1) return batch.map(() => ({ error }));
      // One text that the embedder refuses must not fail those that happened to share its batch.
      const alone: Embedded[] = [];
      for (const one of batch) alone.push(...(await embedBatch([one])));
      return alone;
    }
  }

  async function embedOne(text: string, signal: AbortSignal | undefined): Promise<Float32Array> {
    const embedded = await enqueue({ text, signal }, signal);
    if ("error" in embedded) throw embedded.error;
    return embedded.vector;
  }

  return { embed: (texts, signal) => Promise.all(texts.map((text) => embedOne(text, signal))) };
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
