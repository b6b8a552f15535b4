import type { Environment } from "./read.ts";

/** `ISTHMUS_STREAM_ANSWERS`: "false" where the gateway's integration does not stream. Anything else streams. */
export function streamsAnswers(environment: Environment): boolean {
  return environment["ISTHMUS_STREAM_ANSWERS"] !== "false";
}
