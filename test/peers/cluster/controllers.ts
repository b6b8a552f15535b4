import { mkdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { at, listAt } from "../../infra/manifests.ts";
import type { KubernetesCluster } from "./cluster.ts";

/** The controllers that a cloud brings along, which no module has: disks, and the internal load balancer. */
export interface CloudControllers {
  stop(): Promise<void>;
}

export interface DiskSettings {
  /** How large the disks really are, whatever their claims say; each is then seen by its first node alone. Default: as this machine's. */
  readonly diskMegabytes?: number;
}

/** Addresses of load balancers, by the names that Terraform reserves them by. */
export const balancerAddresses = {
  "weaviate-lb": "172.30.0.100",
  "otel-collector-lb": "172.30.0.101",
  "weaviate-public": "172.30.0.102",
} as const;
/** Of the internal one that leads to Weaviate. */
export const balancerAddress = balancerAddresses["weaviate-lb"];
/** An address in the function's subnet beyond the link (infra/terraform/aws, `private_subnet_cidrs`). */
export const functionAddress = "10.20.0.10";

const provisioner = "pd.csi.storage.gke.io";
const longestSilence = 3;
const mergePatch = "application/merge-patch+json";

/**
 * Makes a disk for each claim that waits for one, in the zone of the node that its pod was given; leads each load balancer's address
 * to the nodes whose health check answers.
 */
export async function startCloudControllers(
  cluster: KubernetesCluster,
  { diskMegabytes }: DiskSettings = {},
): Promise<CloudControllers> {
  const standard = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "standard-rwo" },
    provisioner,
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  };
  const answer = await cluster.send("POST", "/apis/storage.k8s.io/v1/storageclasses", standard);
  if (answer.status !== 201) throw new Error(`StorageClass: ${answer.status} ${JSON.stringify(answer.body)}`);
  let stopped = false;
  const doors = new Map<string, number>();
  const silences = new Map<string, number>();
  const routed = new Map<string, string>();

  async function provision(): Promise<void> {
    const { body } = await cluster.send("GET", "/api/v1/persistentvolumeclaims");
    for (const claim of listAt(body, "items")) {
      const annotations = (at(claim, "metadata.annotations") ?? {}) as Record<string, string>;
      const node = annotations["volume.kubernetes.io/selected-node"];
      if (at(claim, "status.phase") !== "Pending" || node === undefined) continue;
      if (annotations["volume.kubernetes.io/storage-provisioner"] !== provisioner) continue;
      await makeDisk(claim, node);
    }
  }

  async function makeDisk(claim: unknown, node: string): Promise<void> {
    const name = `disk-${at(claim, "metadata.uid")}`;
    mkdirSync(join(cluster.folder, "volumes", name), { recursive: true });
    if (diskMegabytes !== undefined) {
      const size = `size=${diskMegabytes}m`;
      const place = `/mnt/volumes/${name}`;
      cluster.onNode(Number(node.replace("node", "")), ["mount", "-t", "tmpfs", "-o", size, "tmpfs", place]);
    }
    const zone = `zone-${node.replace("node", "")}`;
    await cluster.send("POST", "/api/v1/persistentvolumes", {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
      spec: {
        capacity: { storage: at(claim, "spec.resources.requests.storage") },
        accessModes: at(claim, "spec.accessModes"),
        storageClassName: at(claim, "spec.storageClassName"),
        persistentVolumeReclaimPolicy: "Retain",
        claimRef: {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          namespace: at(claim, "metadata.namespace"),
          name: at(claim, "metadata.name"),
          uid: at(claim, "metadata.uid"),
        },
        local: { path: `/mnt/volumes/${name}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }] },
            ],
          },
        },
      },
    });
  }

  async function balance(): Promise<void> {
    const { status: listed, body } = await cluster.send("GET", "/api/v1/services");
    if (listed !== 200) return;
    const wanted = new Map<string, readonly string[]>();
    for (const service of listAt(body, "items")) {
      const address = at(service, "spec.type") === "LoadBalancer" ? addressOf(service) : undefined;
      if (address === undefined) continue;
      if (at(service, "status.loadBalancer.ingress.0.ip") !== address) {
        const path = `/api/v1/namespaces/${at(service, "metadata.namespace")}/services/${at(service, "metadata.name")}/status`;
        const status = { loadBalancer: { ingress: [{ ip: address, ipMode: "VIP" }] } };
        await cluster.send("PATCH", path, { status }, mergePatch);
      }
      const healthPort = Number(at(service, "spec.healthCheckNodePort"));
      const healthy: string[] = [];
      for (const node of ["172.30.0.11", "172.30.0.12", "172.30.0.13", "172.30.0.14"])
        if (await isHealthy(node, healthPort)) healthy.push(node);
      wanted.set(address, healthy);
    }
    for (const address of new Set([...routed.keys(), ...wanted.keys()])) {
      const healthy = wanted.get(address) ?? [];
      if (healthy.join() === (routed.get(address) ?? "")) continue;
      const hops = healthy.flatMap((node) => ["nexthop", "via", node]);
      if (healthy.length > 0) await cluster.inLan(["ip", "route", "replace", address, "src", functionAddress, ...hops]);
      else await cluster.inLan(["ip", "route", "del", address]);
      routed.set(address, healthy.join());
    }
  }

  /** Of the reserved address that a Service asks for; undefined where none of that name was reserved. */
  function addressOf(service: unknown): string | undefined {
    const annotations = (at(service, "metadata.annotations") ?? {}) as Record<string, string>;
    const name = annotations["networking.gke.io/load-balancer-ip-addresses"] ?? "";
    return name in balancerAddresses ? balancerAddresses[name as keyof typeof balancerAddresses] : undefined;
  }

  /** One that says no is out at once; one that says nothing, after three times, as a cloud's balancer has it. */
  async function isHealthy(address: string, port: number): Promise<boolean> {
    const key = `${address}:${port}`;
    const door = doors.get(key) ?? (await cluster.doors.into(address, port));
    doors.set(key, door);
    const status = await new Promise<number | undefined>((resolve) => {
      const call = request(
        { host: "127.0.0.1", port: door, path: "/healthz", agent: false, timeout: 1000 },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      call.on("timeout", () => call.destroy());
      call.on("error", () => resolve(undefined));
      call.end();
    });
    const silent =
      status === undefined ? (silences.get(key) ?? longestSilence) + 1 : status === 200 ? 0 : longestSilence;
    silences.set(key, silent);
    return silent < longestSilence;
  }

  const loop = async (work: () => Promise<void>) => {
    while (!stopped) {
      // The API server may be away for a moment; the next look finds what is there then.
      await work().catch(() => {});
      await sleep(300);
    }
  };
  const running = [loop(provision), loop(balance)];
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
