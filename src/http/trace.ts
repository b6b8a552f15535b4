import { randomBytes } from "node:crypto";

// https://www.w3.org/TR/trace-context/#traceparent-header: version ff is forbidden, version 00 has exactly four fields,
// later versions may append more.
const traceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** The caller's trace id where its `traceparent` is valid, else a new one: 32 lower-case hex digits. */
export function traceIdOf(header: string | undefined): string {
  const [, version, traceId, rest] = traceparent.exec(header?.trim() ?? "") ?? [];
  const valid = traceId !== undefined && !(version === "00" && rest !== undefined);
  return valid ? traceId : randomBytes(16).toString("hex");
}
