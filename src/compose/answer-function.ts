import { createExtractiveGenerator } from "../adapters/generator/extractive.ts";
import { createAnalyzer } from "../adapters/lexical/analyzer.ts";
import type { QueryFunctionSettings } from "../config/query-function.ts";
import { createAnswerer } from "../core/answer/answer.ts";
import type { Answerer } from "../core/answer/types.ts";
import type { Embedder } from "../core/ports.ts";
import type { QueryEngine } from "./engine.ts";
import { createQueryFunction, type QueryFunction } from "./query-function.ts";
import type { Telemetry } from "./telemetry.ts";

/** The query function with what answers questions beside what finds passages. */
export interface AnswerFunction extends QueryFunction {
  openEngine(embedder: Embedder): Promise<QueryEngine & { readonly answerer: Answerer }>;
}

export function createAnswerFunction(settings: QueryFunctionSettings, telemetry?: Telemetry): AnswerFunction {
  const query = createQueryFunction(settings, telemetry);
  return {
    ...query,
    async openEngine(embedder) {
      const engine = await query.openEngine(embedder);
      const { reader } = engine;
      const generator = createExtractiveGenerator();
      return {
        ...engine,
        answerer: createAnswerer({ embedder, analyzer: createAnalyzer(), reader, generator }),
        async close() {
          await generator.close();
          await engine.close();
        },
      };
    },
  };
}
