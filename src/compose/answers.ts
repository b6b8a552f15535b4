import { createAnswerer } from "../core/answer/answer.ts";
import type { Answerer } from "../core/answer/types.ts";
import type { WriterParts } from "../core/answer/writer.ts";
import type { StoreReader } from "../core/ports.ts";
import { openWriter, watchedWriter } from "./generator.ts";
import type { Runtime } from "./runtime.ts";

/** What answers questions over an index that is open, wired. The reader stays its opener's. */
export interface AnswerEngine {
  readonly answerer: Answerer;
  close(): Promise<void>;
}

/**
 * @param options `answerable`: the least answerability that gets an answer, see `core/answer/weights.ts`; `onDegraded` is told where a language
 *   model failed and the documents answered.
 */
export async function openAnswerEngine(
  runtime: Runtime,
  reader: StoreReader,
  options: { readonly answerable?: number } & Pick<WriterParts, "onDegraded"> = {},
): Promise<AnswerEngine> {
  const { embedder, analyzer, telemetry } = runtime;
  const writer = watchedWriter(await openWriter(runtime.settings.generator), telemetry);
  const answerer = createAnswerer({ embedder, analyzer, reader, ...writer, ...options });
  return {
    answerer: telemetry?.answerer(answerer) ?? answerer,
    close: () => writer.close(),
  };
}
