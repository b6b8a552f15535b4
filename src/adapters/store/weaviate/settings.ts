import type { BatchAskers } from "../../../core/batcher.ts";
import type { PatienceLimits } from "../../../core/retry.ts";

export type Consistency = "ONE" | "QUORUM" | "ALL";

/** How to reach a Weaviate, and how its collections are laid out. */
export interface WeaviateSettings {
  /** HTTP address, for example `http://weaviate:8080`. */
  readonly url: string;
  /** gRPC address, for example `https://weaviate:50051`. */
  readonly grpcUrl: string;
  readonly keys: KeySource;
  /** PEM of the authority that signed the server's certificate, where it is not one that Node knows. */
  readonly caCertificate?: string | undefined;
  /** Of the chunks; the manifest lies in `<collection>Manifest`. Default `Document`. */
  readonly collection: string;
  /** Copies of each object, set when the collections are created. */
  readonly replicationFactor: number;
  /** Shards of each collection, set when they are created; undefined leaves it to the server (one a node). */
  readonly shards?: number | undefined;
  readonly readConsistency: Consistency;
  readonly writeConsistency: Consistency;
  /** Metadata keys that filters may use in ranges. */
  readonly rangeKeys: readonly string[];
  /** Milliseconds for one request of a writer; a reader's requests end with their caller's signal. */
  readonly timeoutMs: number;
  /** How a writer bears with a server that is away, over all of its requests. Default: for 90 seconds. */
  readonly patience?: PatienceLimits;
  /** Milliseconds after its last chunk when an attempt counts as dead. Default: a day. */
  readonly leaseMs?: number;
  /** Sees every attempt of every request on its way to the server, and may add headers to it. */
  readonly wire?: Wire | undefined;
}

export interface Wire extends BatchAskers {
  send<Result>(
    request: { readonly protocol: "grpc" | "http"; readonly method: string; readonly address: string },
    send: (headers: Readonly<Record<string, string>>) => Promise<Result>,
    statusOf?: (result: Result) => number,
  ): Promise<Result>;
}

/** Where the API key comes from. Two keys are live while they are rotated, so a refused one is asked for anew, once. */
export interface KeySource {
  /** The key as it is known, undefined where the server asks for none. */
  current(): Promise<string | undefined>;
  /** The key asked for past every cache, after a 401. */
  refresh(): Promise<string | undefined>;
}

/** The collection of the manifest beside that of the chunks. */
export function manifestCollection(settings: Pick<WeaviateSettings, "collection">): string {
  return `${settings.collection}Manifest`;
}

/** Longer than any attempt goes without a chunk: a paused machine, a store that is away for an evening. */
const leaseByDefault = 24 * 3_600_000;

/** Milliseconds after its last chunk when an attempt counts as dead. */
export function leaseOf(settings: Pick<WeaviateSettings, "leaseMs">): number {
  return settings.leaseMs ?? leaseByDefault;
}
