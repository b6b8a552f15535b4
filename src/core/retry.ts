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

/** Bears with a platform that is away, for all of its callers together. */
export interface Patience {
  /**
   * Tries again what failed with a retryable `IsthmusError`. It gives up, with the last error, when the outage is
   * `totalMs` old: since the first failure after which nothing succeeded, or since this operation began.
   *
   * @throws the signal's reason at once when it fires, whatever is waited for.
   */
  bear<Result>(operation: () => Promise<Result>, signal?: AbortSignal): Promise<Result>;
}

export interface PatienceLimits {
  /** Milliseconds of one outage, however many requests meet it. */
  readonly totalMs: number;
  /** Milliseconds before the second try; doubles from try to try, up to `maxMs`, with full jitter. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * A run asks the same store thousands of times; patience that is counted for each request adds up to hours. Here it is
 * counted for the outage: whoever asks in its last second waits one second.
 */
export function createPatience(
  limits: PatienceLimits,
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): Patience {
  let since: number | undefined;
  return {
    async bear(operation, signal) {
      const began = now();
      for (let attempt = 1; ; attempt++) {
        signal?.throwIfAborted();
        try {
          const result = await untilAborted(operation(), signal);
          since = undefined;
          return result;
        } catch (error) {
          if (!(error instanceof IsthmusError && error.retryable) || signal?.aborted === true) throw error;
          since ??= began;
          const left = Math.min(since, began) + limits.totalMs - now();
          if (left <= 0) throw error;
          const backOff = random() * Math.min(limits.maxMs, limits.baseMs * 2 ** (attempt - 1));
          await sleep(Math.min(left, Math.max(backOff, error.retryAfterMs ?? 0)), undefined, signal && { signal });
        }
      }
    },
  };
}

/** The promise, or the signal's reason as soon as it fires; what the promise brings later is dropped. */
export async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return await promise;
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
