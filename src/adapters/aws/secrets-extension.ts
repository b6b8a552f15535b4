import { IsthmusError } from "../../core/errors.ts";
import { type RetryPolicy, retrying } from "../../core/retry.ts";

export interface SecretsExtensionOptions {
  /** Where the AWS Parameters and Secrets Lambda extension listens on this host; its default is 2773. */
  readonly port: number;
  /** `AWS_SESSION_TOKEN`: the extension answers those who know it. */
  readonly sessionToken: string;
  readonly retry?: Partial<RetryPolicy>;
}

/** Milliseconds for one request: the extension itself asks Secrets Manager where its cache is empty. */
const timeoutMs = 2_000;

/** About three seconds of waiting in all: the extension gets ready in the first moments of an invocation. */
const patience: Partial<RetryPolicy> = { attempts: 8, baseMs: 50, maxMs: 800 };

/**
 * Reads a secret's text through the extension, which keeps it for up to five minutes. While the function initialises,
 * the extension refuses ("not ready to serve traffic"): ask during an invocation.
 * @returns trimmed, never empty.
 * @throws `store_unavailable`, naming the secret and the status.
 */
export async function readSecretByExtension(secretId: string, options: SecretsExtensionOptions): Promise<string> {
  return await retrying(() => readOnce(secretId, options), { ...patience, ...options.retry });
}

async function readOnce(secretId: string, { port, sessionToken }: SecretsExtensionOptions): Promise<string> {
  const url = `http://127.0.0.1:${port}/secretsmanager/get?secretId=${encodeURIComponent(secretId)}`;
  const response = await fetch(url, {
    headers: { "x-aws-parameters-secrets-token": sessionToken },
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw unreadable(secretId, "it does not answer", cause);
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw unreadable(secretId, `it answered ${response.status}`);
  }
  const answer: unknown = await response.json().catch((cause: unknown) => {
    throw unreadable(secretId, "its answer is not JSON", cause);
  });
  return secretText(secretId, answer);
}

/**
 * The text in an answer of `GetSecretValue`.
 * @throws `config_invalid` for a secret without text.
 */
export function secretText(secretId: string, answer: unknown): string {
  const text =
    typeof answer === "object" && answer !== null && "SecretString" in answer && String(answer.SecretString).trim();
  if (text) return text;
  throw new IsthmusError(
    "config_invalid",
    `The secret ${secretId} has no text. Put the key itself into it: aws secretsmanager put-secret-value.`,
  );
}

/** Always worth another try: whatever is wrong now may be right for the next request, without a new container. */
function unreadable(secretId: string, what: string, cause?: unknown): IsthmusError {
  return new IsthmusError(
    "store_unavailable",
    `The secret ${secretId} could not be read through the Parameters and Secrets extension: ${what}. Check that its layer is attached and that the role may read the secret.`,
    { cause },
  );
}
