import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { applyRoles } from "../../infra/weaviate/apply-roles.ts";
import { makeCertificate } from "../infra/deployed-weaviate.ts";
import { goBinary } from "../peers/binaries.ts";
import { type KubernetesCluster, startKubernetesCluster } from "../peers/cluster/cluster.ts";
import {
  balancerAddress,
  type DiskSettings,
  functionAddress,
  startCloudControllers,
} from "../peers/cluster/controllers.ts";
import { type Google, playGoogle } from "../peers/cluster/google.ts";
import { weaviateImage } from "../peers/cluster/images.ts";
import { type FakeGcs, startFakeGcs } from "../peers/fake-gcs.ts";
import { goPrograms } from "../peers/programs.ts";
import { type PubSub, startPubSub } from "../peers/pubsub.ts";
import { copyManifests } from "../pipeline/installation.ts";

export const project = "example-project";
export const bucket = `${project}-isthmus-documents`;
export const keys = {
  "api-key": "root-key-of-a-test",
  "writer-key": "writer-key-of-a-test",
  "reader-key": "reader-key-of-a-test",
};

export type Overlay = "starter" | "production";

/** A cluster with what a cloud brings along, ready for somebody to deploy to. */
export interface Place {
  readonly cluster: KubernetesCluster;
  readonly storage: FakeGcs;
  readonly pubSub: PubSub;
  readonly google: Google;
  /** Files of the authority and the certificate that Weaviate is served with, as Secret weaviate-tls has them: ca.crt, tls.crt, tls.key. */
  readonly certificates: string;
  /** The copy of infra/k8s that is deployed. */
  readonly manifests: string;
  /** @returns what kubectl printed. @throws with its errors. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Work with an address of a pod's port, by kubectl's tunnel, which no policy stops. */
  forward<Result>(pod: string, port: number, work: (url: string) => Promise<Result>): Promise<Result>;
  /** As an operator: the Secrets, the overlay as it stands, its rollout, and the roles. */
  deploy(overlay: Overlay): Promise<void>;
  /** Waits until a StatefulSet is rolled out, each of its pods counts as available, and the load balancer leads to it. */
  ready(statefulSet: string): Promise<void>;
  /** Weaviate as the function reaches it: over the load balancer, from the function's subnet. */
  readonly weaviate: { readonly url: string; readonly grpcUrl: string; readonly authorityFile: string };
  stop(): Promise<void>;
}

const run = promisify(execFile);

export async function openPlace(nodes: number, disks: DiskSettings = {}): Promise<Place> {
  const kubectlPath = (await goBinary(goPrograms.kubectl)).path ?? "kubectl";
  const closing: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const pubSub = await startPubSub();
    closing.push(pubSub.stop);
    const storage = await startFakeGcs({ xmlApi: true, pubSubHost: pubSub.host });
    closing.push(storage.stop);
    for (const name of [bucket, `${project}-isthmus-backups`]) await storage.createBucket(name);
    const cluster = await startKubernetesCluster({ nodes });
    closing.push(cluster.stop);
    const google = await playGoogle(cluster, storage.url, pubSub.host);
    closing.push(google.stop);
    const controllers = await startCloudControllers(cluster, disks);
    closing.push(controllers.stop);
    const manifests = copyManifests(cluster.folder, project, cluster.digestOf(weaviateImage));
    const certificates = join(cluster.folder, "certificates");
    mkdirSync(certificates);
    makeCertificate(certificates);
    const environment = { PATH: process.env["PATH"], HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig };
    const kubectl = async (...args: readonly string[]) => {
      const { stdout } = await run(kubectlPath, ["-n", "isthmus", ...args], { env: environment, maxBuffer: 1 << 26 });
      return stdout;
    };
    const url = `http://127.0.0.1:${await cluster.doors.into(balancerAddress, 80, functionAddress)}`;
    const grpcPort = await cluster.doors.into(balancerAddress, 50051, functionAddress);
    const forward: Place["forward"] = async (pod, port, work) => {
      const tunnel = spawn(kubectlPath, ["-n", "isthmus", "port-forward", `pod/${pod}`, `:${port}`], {
        env: environment,
        stdio: ["ignore", "pipe", "ignore"],
      });
      const closed = once(tunnel, "close");
      try {
        let local: string | undefined;
        for await (const line of createInterface({ input: tunnel.stdout })) {
          local = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
          if (local !== undefined) break;
        }
        if (local === undefined) throw new Error(`no tunnel to ${pod}:${port}`);
        return await work(`http://127.0.0.1:${local}`);
      } finally {
        tunnel.kill();
        await closed;
      }
    };
    const ready = async (set: string) => {
      await kubectl("rollout", "status", `statefulset/${set}`, "--timeout=400s");
      // A rollout counts pods as done once they are ready. A pod that is not yet available (minReadySeconds) may go at any time: what is
      // rolled out next would take all of those at once.
      await until(`${set} is available`, async () => {
        const { status, spec } = JSON.parse(await kubectl("get", `statefulset/${set}`, "-o", "json"));
        return status.availableReplicas === spec.replicas;
      });
      await until("the load balancer", async () => (await fetch(`${url}/v1/.well-known/ready`)).ok);
    };
    return {
      cluster,
      storage,
      pubSub,
      google,
      certificates,
      manifests,
      kubectl,
      forward,
      ready,
      weaviate: { url, grpcUrl: `https://localhost:${grpcPort}`, authorityFile: join(certificates, "ca.crt") },
      async deploy(overlay) {
        await kubectl("apply", "--server-side", "-f", join(manifests, "base/namespace.yaml"));
        const accepted = {
          "accepted-keys": Object.values(keys).join(","),
          "accepted-users": "root,writer,reader",
          "cluster-password": "password-of-the-nodes",
        };
        const literals = Object.entries({ ...keys, ...accepted }).map(
          ([name, value]) => `--from-literal=${name}=${value}`,
        );
        const files = ["tls.crt", "tls.key", "ca.crt"].map((file) => `--from-file=${file}=${join(certificates, file)}`);
        for (const secret of [
          ["weaviate-secrets", ...literals],
          ["weaviate-tls", ...files],
        ])
          await kubectl("create", "secret", "generic", ...secret).catch((error: Error) => {
            if (!error.message.includes("AlreadyExists")) throw error;
          });
        await kubectl("apply", "--server-side", "-k", join(manifests, "overlays", overlay));
        const set = overlay === "starter" ? "weaviate-starter" : "weaviate";
        await ready(set);
        await applyRoles(url, keys["api-key"]);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws after four minutes, with the last error. */
export async function until(what: string, is: () => Promise<boolean>, withinMs = 240_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      if (await is()) return;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not so in ${withinMs / 1000} s: ${last}`);
    await sleep(200);
  }
}
