import { inspect } from "node:util";
import { Unavailable } from "./unavailable.ts";

/** What a person is told of an error: what this machine lacks in plain words, a defect with its stack and its cause. */
export function failureText(error: unknown): string {
  return error instanceof Unavailable ? error.message : inspect(error);
}
