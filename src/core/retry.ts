import { setTimeout as sleep } from "node:timers/promises";
import { IsthmusError } from "./errors.ts";

export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds before the second try; doubles from try to try. */
  readonly baseMs: number;
  /** No wait is longer, Retry-After excepted up to `maxRetryAfterMs`. */
  readonly maxMs: number;
  readonly maxRetryAfterMs: number;
  readonly signal?: AbortSignal;
  readonly random: () => number;
}

const defaults: RetryPolicy = { attempts: 5, baseMs: 200, maxMs: 10_000, maxRetryAfterMs: 60_000, random: Math.random };

/**
 * Tries again what failed with a retryable `IsthmusError`, waiting with exponential back-off and full jitter, or as long
 * as the other side asked (Retry-After). Other errors, and the last one, pass through.
 * Source of the jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function retrying<Result>(
  operation: () => Promise<Result>,
  overrides: Partial<RetryPolicy> = {},
): Promise<Result> {
  const policy = { ...defaults, ...overrides };
  for (let attempt = 1; ; attempt++) {
    policy.signal?.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof IsthmusError && error.retryable) || attempt >= policy.attempts) throw error;
      await sleep(waitMs(attempt, error.retryAfterMs, policy), undefined, policy.signal && { signal: policy.signal });
    }
  }
}

function waitMs(attempt: number, retryAfterMs: number | undefined, policy: RetryPolicy): number {
  const backOff = policy.random() * Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.max(backOff, Math.min(retryAfterMs ?? 0, policy.maxRetryAfterMs));
}
