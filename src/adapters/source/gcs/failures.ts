import type { IncomingHttpHeaders } from "node:http";
import { IsthmusError, nameOf } from "../../../core/errors.ts";
import { record } from "../../../core/record.ts";
import { parseRetryAfter } from "../../model/retry-after.ts";
import { systemCode } from "../file-errors.ts";

/** An answer that is not the one that was asked for. */
export interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const temporaryStatuses: ReadonlySet<number> = new Set([408, 425, 429]);
/** Too many requests, which the JSON API tells by 403 as well. */
const rateReasons: ReadonlySet<string> = new Set(["rateLimitExceeded", "userRateLimitExceeded"]);
/** The server's words go into messages cut to this length. */
const longestQuote = 300;

/** @param what was asked for, as messages name it: `the objects of gs://bucket/`. */
export function refused(what: string, refusal: Refusal, userProject: string | undefined): IsthmusError {
  const { status, headers } = refusal;
  const { reasons, message } = readError(refusal.body);
  const answered = `Google Cloud Storage answered ${status} for ${what}${message === "" ? "" : ` ("${message}")`}`;
  if (temporaryStatuses.has(status) || status >= 500 || reasons.some((reason) => rateReasons.has(reason))) {
    const retryAfterMs = parseRetryAfter(headers["retry-after"] ?? null);
    return new IsthmusError("source_unavailable", `${answered}. It was tried several times; try again later.`, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  return new IsthmusError("source_unreadable", `${answered}. ${advice(status, message, userProject)}`);
}

function advice(status: number, message: string, userProject: string | undefined): string {
  if (/requester pays|user project/i.test(message)) {
    return userProject === undefined
      ? "Readers of this bucket pay for it: set ISTHMUS_GCS_USER_PROJECT to the project to be billed."
      : `Check ISTHMUS_GCS_USER_PROJECT (${userProject}): the project exists, and its role roles/serviceusage.serviceUsageConsumer is granted to the account that runs Isthmus.`;
  }
  if (status === 401 || status === 403) {
    return "Grant roles/storage.objectViewer on the bucket to the account that runs Isthmus.";
  }
  return "Check the name of the bucket and the object.";
}

/**
 * A failure on the way: no route, a reset, a time limit. It is worth another try.
 *
 * @param thrown what was thrown, of which class and code are told, or a reason in our own words.
 */
export function unreachable(what: string, thrown: unknown): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  const reason = typeof thrown === "string" ? thrown : (systemCode(thrown) ?? nameOf(thrown));
  return new IsthmusError(
    "source_unavailable",
    `Google Cloud Storage could not be reached for ${what} (${reason}). It was tried several times; check the network and try again.`,
    { cause: thrown },
  );
}

/** The object is no longer the one that was listed. */
export function objectChanged(uri: string, how: string): IsthmusError {
  return new IsthmusError("source_changed", `${JSON.stringify(uri)} ${how}: it will be read again as it is now.`);
}

/** An error body of the JSON API, as far as it has one. */
function readError(body: string): { readonly reasons: readonly string[]; readonly message: string } {
  const { error } = record(parsed(body));
  const { message, errors } = record(error);
  const reasons = Array.isArray(errors) ? errors.map((each) => String(record(each)["reason"])) : [];
  const words = typeof message === "string" ? message : "";
  return { reasons, message: words.replaceAll(/\s+/g, " ").trim().slice(0, longestQuote) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // Proxies answer with pages of HTML, which tell nothing.
  }
}
