import { createAnalyzer } from "../adapters/lexical/analyzer.ts";
import type { AnswerFunctionSettings } from "../config/answer-function.ts";
import { createAnswerer } from "../core/answer/answer.ts";
import type { Answerer } from "../core/answer/types.ts";
import type { WriterParts } from "../core/answer/writer.ts";
import type { Embedder } from "../core/ports.ts";
import { openWriter, watchedWriter } from "./generator.ts";
import type { QueryEngine } from "./query-engine.ts";
import { createQueryFunction, type QueryFunction } from "./query-function.ts";
import type { Telemetry } from "./telemetry.ts";

/** The query function with what answers questions beside what finds passages. */
export interface AnswerFunction extends QueryFunction {
  openEngine(embedder: Embedder): Promise<QueryEngine & { readonly answerer: Answerer }>;
}

/** @param onDegraded told where a language model failed and the documents answered. */
export function createAnswerFunction(
  settings: AnswerFunctionSettings,
  telemetry?: Telemetry,
  onDegraded?: WriterParts["onDegraded"],
): AnswerFunction {
  const query = createQueryFunction(settings, telemetry);
  return {
    ...query,
    async openEngine(embedder) {
      const engine = await query.openEngine(embedder);
      const { reader } = engine;
      const writer = watchedWriter(await openWriter(settings.generator), telemetry);
      const answerer = createAnswerer({
        embedder,
        analyzer: createAnalyzer(),
        reader,
        ...writer,
        ...(onDegraded && { onDegraded }),
      });
      return {
        ...engine,
        answerer: telemetry?.answerer(answerer) ?? answerer,
        async close() {
          await writer.close().finally(() => engine.close());
        },
      };
    },
  };
}
