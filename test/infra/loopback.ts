import { join } from "node:path";
import { listAt, type Manifest } from "./manifests.ts";

/** Where one node lies on this machine: ports, and its pod's name, which is also its folder's. */
export interface Place {
  readonly pod: string;
  readonly gossip: number;
  readonly raft: number;
  readonly http: number;
  readonly https: number;
  readonly grpc: number;
  readonly metrics: number;
}

/** Addresses, ports and paths of one machine in place of a cluster's; everything else stays as the manifest has it. */
export function onLoopback(
  given: Readonly<Record<string, string>>,
  place: Place,
  places: readonly Place[],
  folder: string,
  storageUrl: string,
): Record<string, string> {
  return {
    ...pathsHere(given, place, folder),
    GRPC_PORT: `${place.grpc}`,
    PROMETHEUS_MONITORING_PORT: `${place.metrics}`,
    CLUSTER_ADVERTISE_ADDR: "127.0.0.1",
    CLUSTER_IN_LOCALHOST: "true",
    CLUSTER_GOSSIP_BIND_PORT: `${place.gossip}`,
    CLUSTER_DATA_BIND_PORT: `${place.gossip + 1}`,
    RAFT_PORT: `${place.raft}`,
    RAFT_INTERNAL_RPC_PORT: `${place.raft + 1}`,
    STORAGE_EMULATOR_HOST: storageUrl,
    BACKUP_GCS_USE_AUTH: "false",
    ...(given["CLUSTER_JOIN"] !== undefined && {
      CLUSTER_JOIN: places.map(({ gossip }) => `127.0.0.1:${gossip}`).join(","),
    }),
    // The names are the manifest's: a set of another name than its RAFT_JOIN says never forms a cluster.
    ...(given["RAFT_JOIN"] !== undefined && {
      RAFT_JOIN: given["RAFT_JOIN"]
        .split(",")
        .map((pod) => `${pod}:${places.find((other) => other.pod === pod)?.raft ?? 1}`)
        .join(","),
    }),
  };
}

/** Only what the manifest names: a variable that it misspells must be missed here too. */
function pathsHere(given: Readonly<Record<string, string>>, place: Place, folder: string): Record<string, string> {
  const here: Readonly<Record<string, string>> = {
    "/var/lib/weaviate": join(folder, place.pod),
    "/etc/weaviate/tls/tls.crt": join(folder, "tls.crt"),
    "/etc/weaviate/tls/tls.key": join(folder, "tls.key"),
  };
  const paths = Object.entries(given).filter(([, value]) => value.startsWith("/"));
  return Object.fromEntries(paths.map(([name, value]) => [name, here[value] ?? value]));
}

/** The arguments that the manifest gives the server, on this machine. */
export function argumentsOf(workload: Manifest | undefined, place: Place, folder: string): string[] {
  const here: Readonly<Record<string, string>> = {
    "0.0.0.0": "127.0.0.1",
    "8080": `${place.http}`,
    "8443": `${place.https}`,
    "/etc/weaviate/tls/tls.crt": join(folder, "tls.crt"),
    "/etc/weaviate/tls/tls.key": join(folder, "tls.key"),
  };
  return listAt(workload, "spec.template.spec.containers.0.args").map(
    (argument) => here[`${argument}`] ?? `${argument}`,
  );
}
