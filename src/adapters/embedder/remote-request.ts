import { IsthmusError } from "../../core/errors.ts";
import { record } from "../../core/record.ts";
import { parseRetryAfter } from "../model/retry-after.ts";
import type { RemoteEmbedderEnvironment } from "./remote-settings.ts";

const TIMEOUT_MS = 60_000;

/**
 * One POST of an embeddings request. No error repeats the key, a text or the response's own words.
 * @returns the parsed body of a successful answer.
 * @throws `embedder_unavailable` (network, timeout, 408, 425, 429, 5xx), `embedder_rejected` (other statuses),
 * `embedder_mismatch` (not JSON), `cancelled`.
 */
export async function postEmbeddings(
  endpoint: URL,
  apiKey: string | undefined,
  input: object,
  signals: readonly AbortSignal[],
  environment: RemoteEmbedderEnvironment,
): Promise<unknown> {
  const where = `${endpoint.origin}${endpoint.pathname}`;
  const timeoutMs = environment.timeoutMs ?? TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await (environment.fetch ?? fetch)(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify(input),
      signal: AbortSignal.any([...signals, timeout]),
    });
    const text = await response.text();
    if (response.ok) return parse(text, where);
    throw refusal(response, text, where);
  } catch (thrown) {
    if (thrown instanceof IsthmusError) throw thrown;
    if (signals.some((signal) => signal.aborted)) {
      throw new IsthmusError("cancelled", "Embedding was cancelled.", { cause: thrown });
    }
    const what = timeout.aborted ? `did not answer within ${timeoutMs} ms` : `cannot be reached (${reason(thrown)})`;
    throw new IsthmusError("embedder_unavailable", `${where} ${what}. Check that the endpoint runs.`, {
      cause: thrown,
    });
  }
}

function refusal(response: Response, text: string, where: string): IsthmusError {
  const { status } = response;
  const answered = `${where} answered ${status}${errorName(text)}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"));
    return new IsthmusError("embedder_unavailable", `${answered}. Try again later.`, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  const misconfigured = status === 401 || status === 403 || status === 404;
  return new IsthmusError(
    misconfigured ? "embedder_misconfigured" : "embedder_rejected",
    `${answered}. ${advice(status)}`,
  );
}

function advice(status: number): string {
  if (status === 401 || status === 403) return "Check ISTHMUS_EMBEDDING_API_KEY.";
  if (status === 404) return "Check ISTHMUS_EMBEDDING_URL (it ends in /v1) and ISTHMUS_EMBEDDING_MODEL.";
  if (status === 413) return "Lower ISTHMUS_EMBEDDING_MAX_BATCH.";
  return "Check ISTHMUS_EMBEDDING_MODEL, ISTHMUS_EMBEDDING_MAX_TOKENS and ISTHMUS_EMBEDDING_MAX_BATCH.";
}

/** ` (code)` of an OpenAI error body. Its message is left out: servers quote the input in it. */
function errorName(text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return "";
  }
  const { code, type } = record(record(body)["error"]);
  const name = [code, type].find((value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value));
  return name === undefined ? "" : ` (${String(name)})`;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The cause is left out: the parser quotes what it read.
    throw new IsthmusError(
      "embedder_mismatch",
      `${where} answered something else than JSON. Check ISTHMUS_EMBEDDING_URL.`,
    );
  }
}

/** The name of a network error (ECONNREFUSED), which holds nothing private. */
function reason(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "unknown";
}
