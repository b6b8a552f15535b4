import { type IsthmusError, toIsthmusError } from "../core/errors.ts";
import type { Problem } from "./problem.ts";

const defaultRetrySeconds = 5;

/**
 * What a failure of the engine means to the client. The sentences are ours, not the error's: its message may name files
 * and addresses that only the operator should see. `query_invalid` alone speaks for itself, as it is about the request.
 */
export function problemOf(thrown: unknown): Problem {
  const error = toIsthmusError(thrown);
  switch (error.code) {
    case "query_invalid":
      return {
        code: "query_invalid",
        sentence: error.message,
        ...(error.field === undefined ? {} : { field: error.field }),
        cause: error,
      };
    case "deadline_exceeded":
      return {
        code: "deadline_exceeded",
        sentence: "The search did not finish in time. Try again, or narrow it with a filter.",
        cause: error,
      };
    case "cancelled":
      return { code: "cancelled", sentence: "The request was cancelled before it was answered.", cause: error };
    case "embedder_unavailable":
      return {
        code: "embedder_unavailable",
        sentence: "The service that embeds queries cannot be reached. Try again shortly.",
        retryAfterSeconds: retrySeconds(error),
        cause: error,
      };
    case "generator_unavailable":
      return {
        code: "generator_unavailable",
        sentence: "The language model that writes answers cannot be reached or is overloaded. Try again shortly.",
        retryAfterSeconds: retrySeconds(error),
        cause: error,
      };
    case "generator_misconfigured":
      return {
        code: "generator_misconfigured",
        sentence:
          "The language model that writes answers is not set up rightly. The server's log says why; `isthmus doctor` checks it.",
        cause: error,
      };
    case "generator_rejected":
      return {
        code: "generator_rejected",
        sentence:
          "The language model that writes answers refuses this question. Ask it in other words, or narrow it with a filter.",
        cause: error,
      };
    case "generator_quota":
      return {
        code: "generator_quota",
        sentence: "The language model's tokens of this key for today are used up. A new day begins at 00:00 UTC.",
        retryAfterSeconds: retrySeconds(error),
        cause: error,
      };
    case "store_missing":
      return {
        code: "store_unavailable",
        sentence:
          "Nothing has been indexed yet. If the first run is still at work, ask again in a moment; else run " +
          "`isthmus ingest` with your documents.",
        retryAfterSeconds: retrySeconds(error),
        cause: error,
      };
    default:
      if (error.code.startsWith("store_")) return storeProblem(error);
      // The model is loaded by the first text, which may be this query.
      return error.code.startsWith("model_") ? notInitialised(error) : unexpected(error);
  }
}

/** The same for a failure to start the engine: what is not the store's fault is `not_initialised`. */
export function startProblemOf(thrown: unknown): Problem {
  const error = toIsthmusError(thrown);
  const ownMeaning =
    error.code.startsWith("store_") || error.code === "deadline_exceeded" || error.code === "cancelled";
  return ownMeaning ? problemOf(error) : notInitialised(error);
}

function notInitialised(error: IsthmusError): Problem {
  return {
    code: "not_initialised",
    sentence: `The search engine could not start (${error.code}). The server's log says why; \`isthmus doctor\` checks the setup.`,
    cause: error,
  };
}

function storeProblem(error: IsthmusError): Problem {
  const advice = error.retryable
    ? "Try again shortly."
    : `The server's log says why (${error.code}); \`isthmus doctor\` checks the index.`;
  return {
    code: "store_unavailable",
    sentence: `The index cannot be searched now. ${advice}`,
    retryAfterSeconds: retrySeconds(error),
    cause: error,
  };
}

function unexpected(error: IsthmusError): Problem {
  return {
    code: "internal",
    sentence: "The request failed for a reason that is the server's own. Its log names it under this trace_id.",
    cause: error,
  };
}

function retrySeconds(error: IsthmusError): number {
  return error.retryAfterMs === undefined ? defaultRetrySeconds : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
}
