/**
 * Every failure a caller can meet, with the one decision about it that must not be made twice: is trying again of use?
 * The codes are part of the public interface (problem documents, `--json` output, exit summaries): add, never rename.
 */
const catalogue = {
  config_invalid: { retryable: false },
  source_not_found: { retryable: false },
  source_unreadable: { retryable: false },
  /** The object changed or vanished between the listing and the last byte read. */
  source_changed: { retryable: true },
  source_too_large: { retryable: false },
  source_unavailable: { retryable: true },
  content_unsupported: { retryable: false },
  content_empty: { retryable: false },
  content_no_text: { retryable: false },
  content_encoding: { retryable: false },
  parse_failed: { retryable: false },
  parse_encrypted: { retryable: false },
  /** A parser ran into its limit of time, memory or expansion. */
  parse_limit: { retryable: false },
  record_invalid: { retryable: false },
  record_too_large: { retryable: false },
  model_missing: { retryable: false },
  model_damaged: { retryable: false },
  model_unsupported: { retryable: false },
  model_fetch_failed: { retryable: true },
  embedder_unavailable: { retryable: true },
  embedder_rejected: { retryable: false },
  /** The embedder returned another number of vectors, or other dimensions, than it promised. */
  embedder_mismatch: { retryable: false },
  store_unavailable: { retryable: true },
  store_locked: { retryable: false },
  store_corrupt: { retryable: false },
  store_newer: { retryable: false },
  store_full: { retryable: false },
  store_mismatch: { retryable: false },
  store_missing: { retryable: false },
  mass_delete_refused: { retryable: false },
  query_invalid: { retryable: false },
  deadline_exceeded: { retryable: true },
  cancelled: { retryable: false },
  internal: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof catalogue;

export interface ErrorDetails {
  readonly cause?: unknown;
  /** Milliseconds the other side asked us to wait (Retry-After). */
  readonly retryAfterMs?: number;
  /** The input field at fault, for errors about a request. */
  readonly field?: string;
}

/**
 * The one error type of the project. `message` says what failed, with which value, and what to do next; it never holds a
 * secret or a document's text.
 */
export class IsthmusError extends Error {
  override readonly name = "IsthmusError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = catalogue[code].retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.field = details.field;
  }
}

/** Wraps whatever was thrown; an `IsthmusError` passes unchanged. */
export function toIsthmusError(thrown: unknown, code: ErrorCode = "internal"): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new IsthmusError(code, message, { cause: thrown });
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(catalogue, value);
}
