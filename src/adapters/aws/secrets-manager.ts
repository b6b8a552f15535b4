import { AwsClient } from "aws4fetch";
import { IsthmusError } from "../../core/errors.ts";
import { type RetryPolicy, retrying } from "../../core/retry.ts";
import { secretText } from "./secrets-extension.ts";

export interface SecretsManagerOptions {
  readonly region: string;
  /** Of the function's role, as Lambda puts them into the environment. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  /** `AWS_ENDPOINT_URL_SECRETS_MANAGER`, where the service is not at its usual address. */
  readonly endpoint?: string;
  readonly retry?: Partial<RetryPolicy>;
}

/** Milliseconds for one request. */
const timeoutMs = 3_000;

/**
 * Reads a secret's text from Secrets Manager itself, past any cache.
 * @returns trimmed, never empty.
 * @throws `store_unavailable` naming the secret and what AWS calls the failure, never its message: that can hold account
 *   and role names.
 */
export async function readSecret(secretId: string, options: SecretsManagerOptions): Promise<string> {
  return await retrying(() => readOnce(secretId, options), { attempts: 3, baseMs: 100, maxMs: 500, ...options.retry });
}

async function readOnce(secretId: string, options: SecretsManagerOptions): Promise<string> {
  const { credentials, region } = options;
  const client = new AwsClient({ ...credentials, region, service: "secretsmanager", retries: 0 });
  const url = options.endpoint ?? `https://secretsmanager.${region}.${domainOf(region)}/`;
  const response = await client
    .fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" },
      body: JSON.stringify({ SecretId: secretId }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    .catch((cause: unknown) => {
      throw unreadable(secretId, "it does not answer", cause);
    });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.status !== 200) throw unreadable(secretId, `it answered ${response.status} ${failureName(answer)}`);
  return secretText(secretId, answer);
}

function domainOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

/** `AccessDeniedException` out of `{"__type": "com.amazon#AccessDeniedException", …}`. */
function failureName(answer: unknown): string {
  const type = typeof answer === "object" && answer !== null && "__type" in answer ? String(answer.__type) : "";
  return /[A-Za-z]+$/.exec(type)?.[0] ?? "without a reason";
}

function unreadable(secretId: string, what: string, cause?: unknown): IsthmusError {
  return new IsthmusError(
    "store_unavailable",
    `The secret ${secretId} could not be read from Secrets Manager: ${what}. Check the role's policy and the VPC endpoint of Secrets Manager.`,
    { cause },
  );
}
