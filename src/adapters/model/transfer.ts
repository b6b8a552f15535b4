import { IsthmusError, nameOf } from "../../core/errors.ts";
import { shownAddress } from "../../core/redact.ts";
import type { RetryPolicy } from "../../core/retry.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** How requests to the model hub are made. */
export interface Transfer {
  /** A bearer token for private models. Sent to the hub alone, never to the host it redirects to. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How often and after what waits a request is made again. */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** The policy for one transfer, which an abort ends. */
export function retryPolicy({ retry, signal }: Transfer): Partial<RetryPolicy> {
  return { baseMs: 500, maxMs: 30_000, ...retry, ...(signal && { signal }) };
}

/** The error of a fetch that its caller gave up. */
export function cancelled(cause: unknown): IsthmusError {
  return new IsthmusError("cancelled", "Fetching the model was cancelled. Run it again to go on where it stopped.", {
    cause,
  });
}

/**
 * GET with the hub's headers.
 * @returns a response with status 200 to 299.
 * @throws `model_missing` (no such model, or private), `model_fetch_failed` (network, status)
 */
export async function get(url: string, transfer: Transfer, headers: Record<string, string> = {}): Promise<Response> {
  const request = {
    // A compressed body could be neither resumed nor compared with the size that the hub declares.
    headers: {
      "accept-encoding": "identity",
      ...headers,
      ...(transfer.token && { authorization: `Bearer ${transfer.token}` }),
    },
    ...(transfer.signal && { signal: transfer.signal }),
  };
  // `fetch` follows redirects and drops the authorization when the origin changes.
  const response = await fetch(url, request).catch((cause: unknown) => {
    throw failed(url, cause, transfer.signal);
  });
  if (response.ok) return response;
  await response.body?.cancel();
  const { status } = response;
  if (status === 401 || status === 403 || status === 404) {
    throw new IsthmusError(
      "model_missing",
      `${shownAddress(url)} answered ${status}: there is no such model, revision or file, or it is private. Check the name; for a private model set HF_TOKEN.`,
    );
  }
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"));
  throw new IsthmusError("model_fetch_failed", `${shownAddress(url)} answered ${status}. Try again later.`, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The error of a request or a body that broke off. */
export function failed(url: string, cause: unknown, signal: AbortSignal | undefined): IsthmusError {
  if (signal?.aborted) return cancelled(cause);
  return new IsthmusError(
    "model_fetch_failed",
    `The connection to ${new URL(url).host} failed (${nameOf(cause)}). Check the network and run \`isthmus model fetch\` again; it resumes.`,
    { cause },
  );
}
