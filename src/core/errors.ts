import { withoutCredentials } from "./redact.ts";

/**
 * Every failure a caller can meet, with the decisions about it that must not be made twice. The codes are part of the public interface (problem documents, `--json` output, exit summaries): add, never rename.
 */
const catalogue = {
  config_invalid: { retryable: false, fatal: true },
  source_not_found: { retryable: false },
  source_unreadable: { retryable: false },
  /** The object changed or vanished between the listing and the last byte read. */
  source_changed: { retryable: true },
  source_too_large: { retryable: false },
  source_unavailable: { retryable: true },
  content_unsupported: { retryable: false },
  /** Nothing but white space, or nothing at all: there is no text to be missed. */
  content_blank: { retryable: false },
  /** There is something in the file, and no text in it. */
  content_empty: { retryable: false },
  content_no_text: { retryable: false },
  content_encoding: { retryable: false },
  /** A part of the document could not be kept (a page that is a picture); the rest is indexed. */
  content_lost: { retryable: false },
  /** A file inside the document (an archive, a message) is of a kind that is not read; no fault. */
  content_skipped: { retryable: false },
  /** How a part of the document was read, where another program may read it otherwise; no fault. */
  content_note: { retryable: false },
  parse_failed: { retryable: false },
  parse_encrypted: { retryable: false },
  /** A parser ran into its limit of time, memory or expansion. */
  parse_limit: { retryable: false },
  record_invalid: { retryable: false },
  record_too_large: { retryable: false },
  model_missing: { retryable: false, fatal: true },
  model_damaged: { retryable: false, fatal: true },
  model_unsupported: { retryable: false, fatal: true },
  model_fetch_failed: { retryable: true, fatal: true },
  embedder_unavailable: { retryable: true, fatal: true },
  /** Key, address or model name are wrong: no text will ever be embedded so. */
  embedder_misconfigured: { retryable: false, fatal: true },
  /** The embedder refuses this text. */
  embedder_rejected: { retryable: false },
  /** The embedder returned another number of vectors, or other dimensions, than it promised. */
  embedder_mismatch: { retryable: false, fatal: true },
  /** The language model cannot be reached, is overloaded, or broke off. */
  generator_unavailable: { retryable: true },
  /** Key, address or model name are wrong: no answer will ever be written so. */
  generator_misconfigured: { retryable: false },
  /** The provider refuses this request: too long for the model, or against its rules. */
  generator_rejected: { retryable: false },
  /** The tokens of this key for today are used up. */
  generator_quota: { retryable: false },
  store_unavailable: { retryable: true, fatal: true },
  store_locked: { retryable: false, fatal: true },
  store_corrupt: { retryable: false, fatal: true },
  store_newer: { retryable: false, fatal: true },
  store_full: { retryable: false, fatal: true },
  store_mismatch: { retryable: false, fatal: true },
  store_missing: { retryable: false, fatal: true },
  /** The server does not take our key, or the key may not do that; the file of an index may not be read or written by us. */
  store_denied: { retryable: false, fatal: true },
  /** The server refused a request for a reason of its own. */
  store_failed: { retryable: false, fatal: true },
  mass_delete_refused: { retryable: false, fatal: true },
  query_invalid: { retryable: false },
  /** A writer was away for so long that its attempt was swept; the document is written again. */
  attempt_expired: { retryable: true },
  deadline_exceeded: { retryable: true },
  cancelled: { retryable: false, fatal: true },
  internal: { retryable: false },
} as const satisfies Record<string, Verdict>;

interface Verdict {
  /** Is trying again of use? */
  readonly retryable: boolean;
  /** A failure of the platform: it ends a run, and no document is blamed for it. */
  readonly fatal?: true;
}

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
  readonly fatal: boolean;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(withoutCredentials(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    const verdict: Verdict = catalogue[code];
    this.retryable = verdict.retryable;
    this.fatal = verdict.fatal === true;
    this.retryAfterMs = details.retryAfterMs;
    this.field = details.field;
  }
}

/**
 * Wraps whatever was thrown; an `IsthmusError` passes unchanged. Errors of others quote what they were given, which may be a document:
 * their own words stay in `cause`, and what is told is their class and code.
 */
export function toIsthmusError(thrown: unknown, code: ErrorCode = "internal"): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  const message = `Something failed that Isthmus does not expect (${nameOf(thrown)}): please report it.`;
  return new IsthmusError(code, message, { cause: thrown });
}

/** Class and code of what was thrown, and of what caused it; never its words. */
export function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error))
    return thrown === undefined || thrown === null ? String(thrown) : `a ${typeof thrown}`;
  const code = "code" in thrown ? String(thrown.code) : "";
  const name = [thrown.name, thrown.constructor.name, "Error"].find(
    (candidate) => candidate !== "Error" && isName(candidate),
  );
  const own = `${name ?? "Error"}${isName(code) ? ` ${code}` : ""}`;
  return thrown.cause instanceof Error ? `${own}: ${nameOf(thrown.cause)}` : own;
}

/** Where it was thrown, a line for each call: a stack without its first lines, which are the error's words. */
export function framesOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  return thrown.stack
    ?.split("\n")
    .filter((line) => /^ {4}at /.test(line))
    .join("\n");
}

function isName(text: string): boolean {
  return /^[\w$.-]{1,64}$/.test(text);
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(catalogue, value);
}

/**
 * What must be there: an assertion where a fallback would hide an error.
 *
 * @param what names it, with the values that tell which one.
 * @throws `internal`.
 */
export function present<Value>(value: Value | undefined | null, what: string): Value {
  if (value === undefined || value === null) throw new IsthmusError("internal", `Broken promise: ${what} is missing.`);
  return value;
}
