import { toIsthmusError } from "../../core/errors.ts";

/**
 * Writes one line of JSON, as CloudWatch Logs reads it. Messages of our own errors hold neither secrets nor texts; those of
 * others are known by their name alone.
 */
export function logFailure(
  what: string,
  thrown: unknown,
  details: Readonly<Record<string, string | number>> = {},
): void {
  const { code, message } = toIsthmusError(thrown);
  process.stdout.write(`${JSON.stringify({ level: "ERROR", what, code, message, ...details })}\n`);
}
