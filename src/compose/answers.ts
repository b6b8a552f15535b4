import { createExtractiveGenerator } from "../adapters/generator/extractive.ts";
import { createAnswerer } from "../core/answer/answer.ts";
import type { Answerer } from "../core/answer/types.ts";
import type { StoreReader } from "../core/ports.ts";
import type { Runtime } from "./runtime.ts";

/** What answers questions over an index that is open, wired. The reader stays its opener's. */
export interface AnswerEngine {
  readonly answerer: Answerer;
  close(): Promise<void>;
}

/** @param options `answerable`: the least answerability that gets an answer, see `core/answer/weights.ts`. */
export async function openAnswerEngine(
  runtime: Runtime,
  reader: StoreReader,
  options: { readonly answerable?: number } = {},
): Promise<AnswerEngine> {
  const { embedder, analyzer } = runtime;
  const generator = createExtractiveGenerator();
  return {
    answerer: createAnswerer({ embedder, analyzer, reader, generator, ...options }),
    close: () => generator.close(),
  };
}
