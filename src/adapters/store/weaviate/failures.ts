import { Code, ConnectError } from "@connectrpc/connect";
import { IsthmusError } from "../../../core/errors.ts";

/** Named in every message, so that an operator knows which server is meant. Never holds a key. */
export interface ServerAddress {
  readonly url: string;
  readonly grpcUrl: string;
}

/**
 * What Weaviate says of an object or a request that it will never take. Everything else it says (of replicas, leaders,
 * connections, collections that a node has not loaded yet) may pass, and is tried again: there is no list of that.
 */
const permanent =
  /no such prop|invalid|unmarshal|vector lengths|dimension|data ?type|wrong type|must be|unexpected (type|argument)|unknown (property|argument|operator)|not supported|unsupported/i;
const full = /disk usage|no space left|read-?only/i;
const tooSmall = /query maximum results exceeded/i;

/** A failed gRPC call as the project's error. Messages of the server are kept: they name objects by id, never by text. */
export function rpcFailure(thrown: unknown, server: ServerAddress, signal: AbortSignal | undefined): IsthmusError {
  if (thrown instanceof IsthmusError) return thrown;
  if (signal?.aborted === true) return aborted(signal, thrown);
  const error = ConnectError.from(thrown);
  switch (error.code) {
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return denied(server.grpcUrl, error.code === Code.Unauthenticated ? 401 : 403, thrown);
    case Code.DeadlineExceeded:
      return unavailable(`did not answer in time`, server.grpcUrl, thrown);
    case Code.Unavailable:
    case Code.Aborted:
    case Code.Canceled:
      return unavailable(connectionReason(error.cause, brief(error.rawMessage)), server.grpcUrl, thrown);
    case Code.Unimplemented:
      return new IsthmusError(
        "config_invalid",
        `${server.grpcUrl} does not speak Weaviate's gRPC: WEAVIATE_GRPC_URL must name its gRPC port (50051), not the HTTP port.`,
        { cause: thrown },
      );
    case Code.InvalidArgument:
      return new IsthmusError(
        "store_failed",
        `Weaviate at ${server.grpcUrl} refused a request: ${brief(error.rawMessage)}.`,
        {
          cause: thrown,
        },
      );
    default:
      return serverFailure(error.rawMessage, server.grpcUrl, thrown);
  }
}

/** What the server itself reports: of a request, or of one object in a batch. */
export function serverFailure(message: string, address: string, cause?: unknown): IsthmusError {
  if (/not enough memory|memory (pressure|usage)/i.test(message)) {
    return unavailable(`it is short of memory (${brief(message)}); give it more if this lasts`, address, cause);
  }
  if (/rbac: authorization|forbidden action/i.test(message)) return denied(address, 403, cause);
  if (full.test(message)) {
    return new IsthmusError(
      "store_full",
      `Weaviate at ${address} takes no more objects (${brief(message)}): give its volume more space, then run again.`,
      { cause },
    );
  }
  if (tooSmall.test(message)) {
    return new IsthmusError(
      "config_invalid",
      `Weaviate at ${address} allows too few results in one answer: set its QUERY_MAXIMUM_RESULTS to 10000 (its default) or more.`,
      { cause },
    );
  }
  if (/not find enough weaviate nodes/i.test(message)) {
    return unavailable(
      `it has fewer nodes than ISTHMUS_REPLICATION_FACTOR wants copies (${brief(message)}): start the others, or set it to 1 for a single node`,
      address,
      cause,
    );
  }
  if (!permanent.test(message)) return unavailable(brief(message), address, cause);
  return new IsthmusError("store_failed", `Weaviate at ${address} refused a request: ${brief(message)}.`, { cause });
}

export function unavailable(reason: string, address: string, cause?: unknown): IsthmusError {
  return new IsthmusError("store_unavailable", `Weaviate at ${address} cannot be used now: ${reason}.`, { cause });
}

export function denied(address: string, status: 401 | 403, cause?: unknown): IsthmusError {
  const message =
    status === 401
      ? `Weaviate at ${address} refused the API key (401): check WEAVIATE_API_KEY or the file that WEAVIATE_API_KEY_FILE names.`
      : `Weaviate at ${address} does not let this key do that (403): ingestion needs a key whose role may write, queries one that may read.`;
  return new IsthmusError("store_denied", message, { cause });
}

export function aborted(signal: AbortSignal, cause?: unknown): IsthmusError {
  const timedOut = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  return timedOut
    ? new IsthmusError("deadline_exceeded", "The request ran out of time.", { cause })
    : new IsthmusError("cancelled", "The request was cancelled.", { cause });
}

/** A connection that could not be made, or that broke. */
export function connectionFailure(cause: unknown, address: string): IsthmusError {
  return unavailable(
    connectionReason(cause, cause instanceof Error ? brief(cause.message) : "no answer"),
    address,
    cause,
  );
}

function connectionReason(cause: unknown, otherwise: string): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there (ECONNREFUSED); check the address and that the server runs";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its name has no address (${code}); check the host name and the DNS`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return `there is no route to it (${code}); check the network, the tunnel and the firewall`;
    default:
      return otherwise;
  }
}

function brief(message: string): string {
  const line = message.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
