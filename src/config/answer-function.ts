import { type GeneratorSettings, parseGenerator } from "./generator.ts";
import { parseFunction, type QueryFunctionSettings } from "./query-function.ts";
import type { Environment } from "./read.ts";

/** Settings of the answer function: those of the query function, and who writes. */
export interface AnswerFunctionSettings extends QueryFunctionSettings {
  /** Absent: the documents' own sentences answer. */
  readonly generator: GeneratorSettings | undefined;
}

/** @throws `config_invalid` naming every fault at once. */
export function parseAnswerFunction(environment: Environment): AnswerFunctionSettings {
  return parseFunction(environment, (read) => ({ generator: parseGenerator(read) }));
}

/** `ISTHMUS_STREAM_ANSWERS`: "false" where the gateway's integration does not stream. Known before all else: it decides the handler. */
export function streamsAnswers(environment: Environment): boolean {
  return environment["ISTHMUS_STREAM_ANSWERS"] !== "false";
}
