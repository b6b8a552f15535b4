import { fixedKey } from "../src/adapters/store/weaviate/keys.ts";
import type { WeaviateSettings } from "../src/adapters/store/weaviate/settings.ts";
import { dropCollections } from "../src/adapters/store/weaviate/store.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../test/peers/weaviate.ts";
import { cpuSeconds, residentMemory } from "./proc.ts";
import type { PrototypeTarget } from "./python.ts";
import { Unavailable } from "./unavailable.ts";

/** A real Weaviate of one node on this machine, on the same cores as what is measured. */
export interface BenchServer {
  readonly settings: (collection: string) => WeaviateSettings;
  /** What `isthmus` reads to find a collection there. */
  environment(collection: string): Record<string, string>;
  /** Where the Python side finds it. */
  target(collection: string): PrototypeTarget;
  /** CPU time the server has used so far, seconds; 0 where the system does not tell. */
  cpu(): number;
  /** Memory the server holds now, bytes. */
  memory(): number | undefined;
  /** Removes what `isthmus` wrote. */
  drop(collection: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Weaviate, built first where it is not there yet and Go is.
 *
 * @throws Unavailable where there is none and none can be built: the message says how to get it.
 */
export async function openBenchServer(tell: (line: string) => void): Promise<BenchServer> {
  const { skip } = await weaviateBinary(tell);
  if (skip !== false) throw new Unavailable(skip);
  tell("starting Weaviate");
  return asBenchServer(await startWeaviate());
}

/** @returns undefined, having told why, where there is no Weaviate and none can be built. */
export async function startBenchServer(tell: (line: string) => void): Promise<BenchServer | undefined> {
  try {
    return await openBenchServer(tell);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    tell(error.message);
    return undefined;
  }
}

function asBenchServer(weaviate: Weaviate): BenchServer {
  const pid = weaviate.nodes[0]?.pid() ?? -1;
  const settings = (collection: string): WeaviateSettings => ({
    url: weaviate.url,
    grpcUrl: weaviate.grpcUrl,
    keys: fixedKey(weaviate.keys.admin),
    collection,
    replicationFactor: 1,
    readConsistency: "ONE",
    writeConsistency: "ONE",
    rangeKeys: [],
    timeoutMs: 30_000,
  });
  return {
    settings,
    environment: (collection) => ({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: weaviate.keys.admin,
      ISTHMUS_COLLECTION: collection,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_READ_CONSISTENCY: "ONE",
      ISTHMUS_WRITE_CONSISTENCY: "ONE",
    }),
    target: (collection) => ({
      http: Number(new URL(weaviate.url).port),
      grpc: Number(new URL(weaviate.grpcUrl).port),
      key: weaviate.keys.admin,
      collection,
    }),
    cpu: () => cpuSeconds(pid) ?? 0,
    memory: () => residentMemory(pid),
    drop: (collection) => dropCollections(settings(collection)),
    stop: () => weaviate.stop(),
  };
}

/** Runs `body` with a server where the store in question is Weaviate. @throws Unavailable where there is none. */
export async function withStore<Result>(
  store: "sqlite" | "weaviate",
  tell: (line: string) => void,
  body: (server: BenchServer | undefined) => Promise<Result>,
): Promise<Result> {
  if (store === "sqlite") return await body(undefined);
  const server = await openBenchServer(tell);
  try {
    return await body(server);
  } finally {
    await server.stop();
  }
}
