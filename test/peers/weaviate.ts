import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goBinary } from "./binaries.ts";
import { freePairs, freePorts } from "./ports.ts";
import { type Program, startProgram } from "./process.ts";
import { goPrograms } from "./programs.ts";

export interface WeaviateSettings {
  /** 1 (default) or 3. */
  readonly nodes?: 1 | 3;
  /** Added to the environment of every node, over what is here. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the data lie; default a temporary folder that goes with `stop`. */
  readonly folder?: string;
  /** HTTP and gRPC port of the first node; default free ones. */
  readonly ports?: readonly [http: number, grpc: number];
}

export interface WeaviateNode {
  readonly url: string;
  readonly grpcUrl: string;
  /** What Prometheus scrapes, where the environment has PROMETHEUS_MONITORING_ENABLED. */
  readonly metricsUrl: string;
  /** Of its process, -1 while it does not run. */
  pid(): number;
  /** As a crash: SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on its data. */
  restart(): Promise<void>;
  /** It hangs, and takes no part in anything. */
  pause(): Promise<void>;
  resume(): void;
  log(): string;
}

/** A running Weaviate with its keys: one for each role that the production set-up has. */
export interface Weaviate {
  readonly nodes: readonly WeaviateNode[];
  readonly url: string;
  readonly grpcUrl: string;
  readonly keys: typeof weaviateKeys;
  stop(): Promise<void>;
}

/** Keys of a server that only this machine can reach, and only while it runs. */
export const weaviateKeys = { admin: "peer-admin-key", writer: "peer-writer-key", reader: "peer-reader-key" } as const;

export async function weaviateBinary(tell?: (line: string) => void) {
  return await goBinary(goPrograms.weaviate, tell);
}

/** Starts Weaviate as one node or as three on this machine, and waits until every node is ready. */
export async function startWeaviate(settings: WeaviateSettings = {}): Promise<Weaviate> {
  const { path } = await weaviateBinary();
  if (path === undefined) throw new Error("weaviate-server is missing; see npm run peers:build");
  const count = settings.nodes ?? 1;
  const folder = settings.folder ?? mkdtempSync(join(tmpdir(), "isthmus-weaviate-"));
  const layouts = await layOut(count, settings.ports);
  const nodes = layouts.map((_, index) => createNode(path, folder, index, layouts, settings.environment ?? {}));
  const remove = () => {
    process.off("exit", remove);
    // In a hurry the nodes were killed a moment ago, and may still write.
    if (settings.folder === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  process.once("exit", remove);
  try {
    // Together: each waits for a majority of the cluster.
    await Promise.all(nodes.map((node) => node.restart()));
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    remove();
    throw error;
  }
  const [first] = nodes;
  if (first === undefined) throw new Error("no node");
  return {
    nodes,
    url: first.url,
    grpcUrl: first.grpcUrl,
    keys: weaviateKeys,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      remove();
    },
  };
}

interface Layout {
  readonly http: number;
  readonly grpc: number;
  /** Gossip listens here, and the data of the cluster on the next port. */
  readonly gossip: number;
  /** Raft listens here, and its RPC on the next port. */
  readonly raft: number;
  readonly metrics: number;
}

async function layOut(count: number, first: readonly [number, number] | undefined): Promise<Layout[]> {
  const pairs = await freePairs(count * 2);
  const single = await freePorts(count * 3);
  return Array.from({ length: count }, (_, index) => {
    const [gossip = 0, raft = 0] = pairs.slice(index * 2);
    const [http = 0, grpc = 0, metrics = 0] = single.slice(index * 3);
    const own = index === 0 && first !== undefined ? { http: first[0], grpc: first[1] } : { http, grpc };
    return { ...own, gossip, raft, metrics };
  });
}

interface ManagedNode extends WeaviateNode {
  stop(): Promise<void>;
}

function createNode(
  binary: string,
  folder: string,
  index: number,
  layouts: readonly Layout[],
  added: Readonly<Record<string, string>>,
): ManagedNode {
  const layout = layouts[index];
  if (layout === undefined) throw new Error(`no layout for node ${index}`);
  const data = join(folder, `node${index + 1}`);
  mkdirSync(data, { recursive: true });
  const url = `http://127.0.0.1:${layout.http}`;
  let program: Program | undefined;
  return {
    url,
    grpcUrl: `http://127.0.0.1:${layout.grpc}`,
    metricsUrl: `http://127.0.0.1:${layout.metrics}/metrics`,
    pid: () => program?.pid ?? -1,
    log: () => program?.log() ?? "",
    pause: async () => await program?.pause(),
    resume: () => program?.resume(),
    async kill() {
      await program?.kill();
      program = undefined;
    },
    async stop() {
      await program?.stop();
      program = undefined;
    },
    async restart() {
      await program?.stop();
      program = await startProgram({
        name: `weaviate node ${index + 1}`,
        command: binary,
        args: ["--host", "127.0.0.1", "--port", String(layout.http), "--scheme", "http"],
        environment: { PATH: process.env["PATH"] ?? "", ...environmentOf(index, layouts, data), ...added },
        folder: data,
        async ready() {
          const response = await fetch(`${url}/v1/.well-known/ready`);
          await response.arrayBuffer();
          return response.status === 200;
        },
      });
    },
  };
}

/** Keys, roles and names as in production; addresses on loopback. Settings: Weaviate's documentation of 1.39. */
function environmentOf(index: number, layouts: readonly Layout[], data: string): Record<string, string> {
  const layout = layouts[index];
  if (layout === undefined) throw new Error(`no layout for node ${index}`);
  const name = (at: number) => `node${at + 1}`;
  const cluster = layouts.length > 1;
  return {
    PERSISTENCE_DATA_PATH: data,
    CLUSTER_HOSTNAME: name(index),
    CLUSTER_GOSSIP_BIND_PORT: String(layout.gossip),
    CLUSTER_DATA_BIND_PORT: String(layout.gossip + 1),
    CLUSTER_ADVERTISE_ADDR: "127.0.0.1",
    CLUSTER_IN_LOCALHOST: "true",
    RAFT_PORT: String(layout.raft),
    RAFT_INTERNAL_RPC_PORT: String(layout.raft + 1),
    RAFT_BOOTSTRAP_EXPECT: String(layouts.length),
    RAFT_JOIN: layouts.map((each, at) => `${name(at)}:${each.raft}`).join(","),
    ...(cluster && { CLUSTER_JOIN: layouts.map(({ gossip }) => `127.0.0.1:${gossip}`).join(",") }),
    ...(cluster && { REPLICATION_MINIMUM_FACTOR: String(layouts.length) }),
    GRPC_PORT: String(layout.grpc),
    PROMETHEUS_MONITORING_PORT: String(layout.metrics),
    GO_PROFILING_DISABLE: "true",
    DISABLE_TELEMETRY: "true",
    DEFAULT_VECTORIZER_MODULE: "none",
    ENABLE_MODULES: "",
    AUTOSCHEMA_ENABLED: "false",
    QUERY_DEFAULTS_LIMIT: "25",
    AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: "false",
    AUTHENTICATION_APIKEY_ENABLED: "true",
    AUTHENTICATION_APIKEY_ALLOWED_KEYS: Object.values(weaviateKeys).join(","),
    AUTHENTICATION_APIKEY_USERS: Object.keys(weaviateKeys).join(","),
    LOG_LEVEL: "warning",
    DISABLE_LAZY_LOAD_SHARDS: "true",
  };
}
