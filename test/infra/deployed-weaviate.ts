import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goBinary } from "../peers/binaries.ts";
import { freePairs, freePorts } from "../peers/ports.ts";
import { type Program, startProgram } from "../peers/process.ts";
import { goPrograms } from "../peers/programs.ts";
import { resolveEnvironment } from "./environment.ts";
import { argumentsOf, onLoopback, type Place } from "./loopback.ts";
import { at, type Manifest } from "./manifests.ts";

/** One node of Weaviate, started with the environment and the arguments that its manifest gives it. */
export interface DeployedNode {
  readonly url: string;
  readonly httpsPort: number;
  readonly grpcPort: number;
  readonly metricsUrl: string;
  /** The API that the nodes have for each other. */
  readonly nodesUrl: string;
  /** Until `live` answers: as far as a node gets that waits for others. */
  start(): Promise<void>;
  /** The status of the readiness probe. */
  readiness(): Promise<number>;
  log(): string;
}

export interface Deployment {
  readonly nodes: readonly DeployedNode[];
  readonly folder: string;
  /** The authority that signed the nodes' certificate, in PEM. */
  readonly authorityFile: string;
  stop(): Promise<void>;
}

/**
 * The nodes of an overlay on this machine, none started yet.
 *
 * @param storageUrl a stand-in of Cloud Storage for the backups.
 */
export async function deploy(
  manifests: readonly Manifest[],
  keys: Readonly<Record<string, string>>,
  storageUrl: string,
): Promise<Deployment> {
  const { path } = await goBinary(goPrograms.weaviate);
  if (path === undefined) throw new Error("weaviate-server is missing");
  const folder = mkdtempSync(join(tmpdir(), "isthmus-deployed-"));
  makeCertificate(folder);
  const workload = manifests.find(({ kind }) => kind === "StatefulSet");
  const count = Number(at(workload, "spec.replicas"));
  const pairs = await freePairs(count * 2);
  const ports = await freePorts(count * 4);
  const places: Place[] = Array.from({ length: count }, (_, index) => {
    const [gossip = 0, raft = 0] = pairs.slice(index * 2);
    const [http = 0, grpc = 0, metrics = 0, https = 0] = ports.slice(index * 4);
    return { pod: `${workload?.metadata.name}-${index}`, gossip, raft, http, grpc, metrics, https };
  });
  const running: Program[] = [];
  const nodes = places.map((place): DeployedNode => {
    const url = `http://127.0.0.1:${place.http}`;
    const status = async (endpoint: string) => {
      const response = await fetch(`${url}/v1/.well-known/${endpoint}`);
      await response.arrayBuffer();
      return response.status;
    };
    let program: Program | undefined;
    return {
      url,
      httpsPort: place.https,
      grpcPort: place.grpc,
      nodesUrl: `http://127.0.0.1:${place.gossip + 1}`,
      metricsUrl: `http://127.0.0.1:${place.metrics}/metrics`,
      readiness: () => status("ready"),
      log: () => program?.log() ?? "",
      async start() {
        const data = join(folder, place.pod);
        mkdirSync(data, { recursive: true });
        const given = resolveEnvironment(manifests, (key) => keys[key] ?? "", place.pod);
        program = await startProgram({
          name: place.pod,
          command: path,
          args: argumentsOf(workload, place, folder),
          environment: {
            PATH: process.env["PATH"] ?? "",
            ...given,
            ...onLoopback(given, place, places, folder, storageUrl),
          },
          folder: data,
          ready: async () => (await status("live")) === 200,
        });
        running.push(program);
      },
    };
  });
  return {
    nodes,
    folder,
    authorityFile: join(folder, "ca.crt"),
    async stop() {
      await Promise.all(running.map((program) => program.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The names that docs/operations puts into the certificate: clients call the server by no others, here neither. */
function guidesNames(): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/operations/first-query.md"), "utf8");
  const names = /-addext subjectAltName=(\S+)/.exec(page)?.[1];
  if (names === undefined) throw new Error("docs/operations/first-query.md makes no certificate");
  return names;
}

/** An authority and a certificate for the names that clients call the server by, as docs/operations says to make them. */
export function makeCertificate(folder: string): void {
  const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=isthmus test");
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "tls.key",
    "-out",
    "tls.crt",
    "-days",
    "1",
    "-subj",
    "/CN=weaviate",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-addext",
    `subjectAltName=${guidesNames()}`,
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  );
}
