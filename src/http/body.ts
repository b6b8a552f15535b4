import { problemOf } from "./failures.ts";
import type { OrProblem, Problem } from "./problem.ts";

/** Bytes of a request body: thirty times the longest query, with room for a filter. */
export const maxBodyBytes = 64 * 1024;

const tooLarge: Problem = {
  code: "body_too_large",
  sentence: `The body may have at most ${maxBodyBytes} bytes (64 KiB). A query has at most 2,000 characters.`,
};

/**
 * Reads a JSON body. The bytes are counted as they arrive, so neither a missing nor a false Content-Length lets more in.
 *
 * @param signal ends the wait for a body that arrives too slowly (`request_timeout`).
 */
export async function readJson(request: Request, signal: AbortSignal): Promise<OrProblem<unknown>> {
  const mediaProblem = checkMediaType(request.headers);
  if (mediaProblem !== undefined) return { problem: mediaProblem };
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) return { problem: tooLarge };
  const bytes = await readBytes(request, signal);
  return "problem" in bytes ? bytes : parseJson(bytes.value);
}

function checkMediaType(headers: Headers): Problem | undefined {
  const [type, ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean);
  const encoding = headers.get("content-encoding") ?? "identity";
  if (type?.trim() !== "application/json") {
    return { code: "unsupported_media_type", sentence: "Send JSON, with the header `content-type: application/json`." };
  }
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii") {
    return { code: "unsupported_media_type", sentence: "Send the JSON in UTF-8, without another charset." };
  }
  if (encoding.toLowerCase() !== "identity") {
    return { code: "unsupported_media_type", sentence: "Send the body without a content-encoding." };
  }
  return undefined;
}

async function readBytes(request: Request, signal: AbortSignal): Promise<OrProblem<Uint8Array>> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader();
  if (reader === undefined) return { value: new Uint8Array() };
  // Cancelling settles a pending read, so a body that stops half-way does not hold its request for ever.
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) return { problem: stopped(signal.reason) };
      if (done) return { value: Buffer.concat(chunks, length) };
      length += value.byteLength;
      if (length > maxBodyBytes) return { problem: tooLarge };
      chunks.push(value);
    }
  } catch (cause) {
    return { problem: { code: "bad_request", sentence: "The body ended before it was complete.", cause } };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function stopped(reason: unknown): Problem {
  const problem = problemOf(reason);
  if (problem.code !== "deadline_exceeded") return problem;
  return { code: "request_timeout", sentence: "The body did not arrive in time. Send it again in one piece." };
}

function parseJson(bytes: Uint8Array): OrProblem<unknown> {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch {
    // The parser's own message quotes the body.
    const sentence =
      bytes.byteLength === 0
        ? 'The body is empty. Send a JSON object such as {"query": "..."}.'
        : 'The body is not valid JSON in UTF-8. Send an object such as {"query": "..."}.';
    return { problem: { code: "invalid_json", sentence } };
  }
}
