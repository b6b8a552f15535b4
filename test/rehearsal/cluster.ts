import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Deployment, deploy } from "../infra/deployed-weaviate.ts";
import { resolveJobEnvironment } from "../infra/environment.ts";
import type { Manifest } from "../infra/manifests.ts";
import type { FakeGcs } from "../peers/fake-gcs.ts";
import type { KubernetesApi } from "../peers/kube-apiserver.ts";
import type { Edge } from "../pipeline/edge/edge.ts";
import { type Controllers, startControllers } from "./controllers.ts";
import { runPod } from "./pod.ts";

/** The machines of the cluster: Weaviate as its manifest has it, and the Jobs. */
export interface Cluster extends Controllers {
  deployment(): Deployment;
  /** A key as the cluster holds it in Secret weaviate-secrets. */
  key(name: string): Promise<string>;
}

/** Does what the API server is told, with what it holds: its settings, and the keys of its Secret. */
export function startCluster(edge: Edge, storage: FakeGcs, api: KubernetesApi): Cluster {
  let running: Deployment | undefined;
  const deployment = () => {
    if (running === undefined) throw new Error("Weaviate was not deployed");
    return running;
  };
  async function read(kind: string, name: string): Promise<Manifest> {
    const { status, body } = await api.send("GET", `/api/v1/namespaces/isthmus/${kind}/${name}`);
    if (status !== 200) throw new Error(`${kind} ${name}: ${status}`);
    return body as unknown as Manifest;
  }
  async function key(name: string): Promise<string> {
    const { data = {} } = await read("secrets", "weaviate-secrets");
    return Buffer.from(data[name] ?? "", "base64").toString();
  }
  mkdirSync(join(edge.folder, "logs"));
  const controllers = startControllers(api, {
    async startNodes(set) {
      const settings = await read("configmaps", "isthmus-settings");
      const { data = {} } = await read("secrets", "weaviate-secrets");
      const keys = Object.fromEntries(
        await Promise.all(Object.keys(data).map(async (name) => [name, await key(name)])),
      );
      running = await deploy([set, settings], keys, storage.url);
      const [node] = running.nodes;
      if (node === undefined) throw new Error("an overlay without nodes");
      await node.start();
      while ((await node.readiness()) !== 200) await new Promise((resolve) => setTimeout(resolve, 200));
      edge.forwardTo(Number(new URL(node.url).port));
    },
    async runPod(job, pod) {
      const [node] = deployment().nodes;
      const keyFile = join(edge.folder, "logs", `${pod}.key`);
      writeFileSync(keyFile, await key("writer-key"), { mode: 0o600 });
      try {
        const given = resolveJobEnvironment([await read("configmaps", "isthmus-settings")], job);
        return await runPod(edge, pod, {
          ...given,
          WEAVIATE_URL: node?.url ?? "",
          WEAVIATE_GRPC_URL: `https://localhost:${node?.grpcPort}`,
          WEAVIATE_API_KEY_FILE: keyFile,
          WEAVIATE_CA_FILE: deployment().authorityFile,
          ISTHMUS_DATA_DIR: join(edge.folder, "logs", `${pod}.data`),
          STORAGE_EMULATOR_HOST: storage.url,
        });
      } finally {
        rmSync(keyFile);
      }
    },
  });
  return {
    deployment,
    key,
    async stop() {
      try {
        await controllers.stop();
      } finally {
        await running?.stop();
      }
    },
  };
}
