import { Code, ConnectError } from "@connectrpc/connect";
import { IsthmusError } from "../../core/errors.ts";

const longestQuote = 300;

/**
 * A failed call as the project's error: `source_unavailable` may pass by itself, `source_not_found` and `source_unreadable` do
 * not.
 *
 * @param what was asked for, as messages name it: `the subscription projects/p/subscriptions/s`.
 */
export function pubSubFailure(thrown: unknown, what: string, endpoint: string): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  const error = ConnectError.from(thrown);
  // Of our own credentials, which are asked on the way.
  if (error.cause instanceof IsthmusError) return error.cause;
  const words = error.rawMessage.replaceAll(/\s+/g, " ").trim().slice(0, longestQuote);
  const cause = { cause: thrown };
  switch (error.code) {
    case Code.NotFound:
      return new IsthmusError(
        "source_not_found",
        `Pub/Sub at ${endpoint} does not know ${what}: check its name and project.`,
        cause,
      );
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return new IsthmusError(
        "source_unreadable",
        `Pub/Sub at ${endpoint} refused ${what} ("${words}"). Grant roles/pubsub.subscriber on it to the account that runs Isthmus.`,
        cause,
      );
    case Code.InvalidArgument:
    case Code.Unimplemented:
    case Code.FailedPrecondition:
      return new IsthmusError("source_unreadable", `Pub/Sub at ${endpoint} refused ${what} ("${words}").`, cause);
    default:
      return new IsthmusError(
        "source_unavailable",
        `Pub/Sub at ${endpoint} cannot be reached for ${what} ("${words}"). It is tried again.`,
        cause,
      );
  }
}
