import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { lambdaPlaces } from "../../scripts/bundle/lambda.ts";
import { root } from "../../scripts/run.ts";
import { type Deployment, deploy } from "../infra/deployed-weaviate.ts";
import { resolveJobEnvironment } from "../infra/environment.ts";
import type { Manifest } from "../infra/manifests.ts";
import { copyTerraform, typesIn } from "../infra/terraform.ts";
import { goBinary, peersFolder } from "../peers/binaries.ts";
import { type FakeGcs, startFakeGcs } from "../peers/fake-gcs.ts";
import { type KubernetesApi, startKubernetesApi } from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";
import { terraformMirror } from "../peers/terraform/mirror.ts";
import { createEdge, type Edge } from "../pipeline/edge/edge.ts";
import { copyManifests } from "../pipeline/installation.ts";
import { createLocalFunction, type LocalFunction } from "../support/lambda/function.ts";
import { type Gateway, startGateway } from "../support/lambda/gateway.ts";
import { exampleLayerArn, preparedOsls } from "../support/lambda/osls.ts";
import { ownArchitecture } from "../support/lambda/packaged.ts";
import { startSecretsExtension } from "../support/lambda/secrets-extension.ts";
import { startSecretsManager } from "../support/lambda/secrets-manager.ts";
import { unzip } from "../support/lambda/unzip.ts";
import { type Controllers, startControllers } from "./controllers.ts";
import { runPod } from "./pod.ts";

export const project = "example-project";
export const bucket = `${project}-isthmus-documents`;
const gatewayKey = "rehearsal-canary-gateway-key";
const secretId = "isthmus/dev/weaviate-api-key";

/** Everything that the pipeline's steps meet, on this machine. */
export interface Stage {
  readonly edge: Edge;
  readonly storage: FakeGcs;
  readonly api: KubernetesApi;
  readonly manifests: string;
  readonly terraform: string;
  readonly osls: string;
  /** What a job of CircleCI has from its context. */
  readonly environment: Readonly<Record<string, string>>;
  /** The function's package as the last deployment made it, behind the gateway from now on. */
  deployFunction(): Promise<void>;
  stop(): Promise<void>;
}

export async function openStage(tell: (line: string) => void): Promise<Stage> {
  const closing: (() => unknown)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const close of closing.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    tell("starting Cloud Storage, the Kubernetes API server and a gateway on this machine");
    const edge = createEdge(["gcloud", "aws", "docker", "syft", "grype", "kubectl"]);
    closing.push(() => edge.remove());
    const storage = await startFakeGcs({ xmlApi: true });
    closing.push(() => storage.stop());
    for (const name of [
      bucket,
      `${project}-isthmus-state`,
      `${project}-isthmus-link-state`,
      `${project}-isthmus-backups`,
    ])
      await storage.createBucket(name);
    edge.put("storage-server", storage.url);
    const api = await startKubernetesApi();
    closing.push(() => api.stop());
    const kubectl = await goBinary(goPrograms.kubectl);
    if (kubectl.path === undefined) throw new Error(`${kubectl.skip}`);
    edge.put("real.json", JSON.stringify({ kubectl: { path: kubectl.path, except: ["port-forward", "logs"] } }));

    const manifests = copyManifests(edge.folder, project);
    const terraform = await copyTerraform();
    closing.push(() => terraform.remove());
    for (const name of ["gcp", "aws", "link"]) rmSync(join(terraform.folder, name, "backend_override.tf"));
    // The schema-only provider makes values up, and no number of them is an ASN.
    writeFileSync(join(terraform.folder, "link/rehearsal_override.tf"), 'module "link" {\n  aws_asn = 64512\n}\n');

    const cluster = startCluster(edge, storage, api);
    closing.push(() => cluster.stop());
    const served = await serveFunction(edge, cluster);
    closing.push(() => served.stop());
    const environment = {
      KUBECONFIG: api.kubeconfig,
      STORAGE_EMULATOR_HOST: storage.url,
      TF_CLI_CONFIG_FILE: await terraformMirror(typesIn(terraform.folder)),
      TF_VAR_gcp_project_id: project,
      TF_VAR_circleci:
        '{"organization_id":"01234567-89ab-cdef-0123-456789abcdef","project_id":"fedcba98-7654-3210-fedc-ba9876543210"}',
      TF_VAR_aws_account_id: "012345678901",
      TF_VAR_budget: '{"dollars":500,"emails":["operator@example.com"]}',
      ISTHMUS_PEERS_DIR: peersFolder(),
      ISTHMUS_CACHE_DIR: process.env["ISTHMUS_CACHE_DIR"] ?? join(homedir(), ".cache/isthmus"),
      ISTHMUS_CLUSTER: "current",
      ISTHMUS_OVERLAY: "starter",
      ISTHMUS_LAMBDA_ARCH: ownArchitecture,
      ISTHMUS_NODE_DIGEST: `sha256:${"b".repeat(64)}`,
      ISTHMUS_SECRETS_EXTENSION_LAYER_ARN: exampleLayerArn,
      GCS_BUCKET_NAME: bucket,
    };
    return {
      edge,
      storage,
      api,
      manifests,
      terraform: terraform.folder,
      osls: writeOsls(edge),
      environment,
      deployFunction: served.deploy,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Cluster extends Controllers {
  deployment(): Deployment;
  /** A key as the cluster holds it in Secret weaviate-secrets. */
  key(name: string): Promise<string>;
}

function startCluster(edge: Edge, storage: FakeGcs, api: KubernetesApi): Cluster {
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
      const names = ["api-key", "writer-key", "reader-key"];
      const keys = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await key(name)] as const)));
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

/** The gateway stands from the start; what answers behind it is the newest deployment. */
async function serveFunction(edge: Edge, cluster: Cluster) {
  let current: LocalFunction | undefined;
  const invoke: LocalFunction["invoke"] = (event) => {
    if (current === undefined) throw new Error("no function was deployed");
    return current.invoke(event);
  };
  const gateway: Gateway = await startGateway({ function: { invoke }, apiKeys: [gatewayKey] });
  const closing: (() => Promise<unknown>)[] = [gateway.close];
  edge.put("function.json", JSON.stringify({ versions: ["1"], live: "1", url: gateway.url, key: gatewayKey }));
  return {
    async deploy() {
      const folder = join(edge.folder, "function");
      rmSync(folder, { recursive: true, force: true });
      await unzip(lambdaPlaces(ownArchitecture).zip, folder);
      const { nodes, authorityFile } = cluster.deployment();
      const manager = await startSecretsManager({ [secretId]: await cluster.key("reader-key") });
      closing.push(manager.close);
      const extension = await startSecretsExtension((name) => manager.get(name));
      closing.push(extension.close);
      current = createLocalFunction(
        {
          folder,
          environment: {
            WEAVIATE_URL: nodes[0]?.url ?? "",
            WEAVIATE_GRPC_URL: `https://localhost:${nodes[0]?.grpcPort}`,
            WEAVIATE_CA_CERTIFICATE: readFileSync(authorityFile, "utf8"),
            ISTHMUS_WEAVIATE_SECRET_ID: secretId,
            PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
            AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
          },
        },
        2,
      );
      closing.push(current.stop);
    },
    async stop() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

/** osls that packages for real, and in place of a deployment publishes a version and moves the alias, as the stack would. */
function writeOsls(edge: Edge): string {
  const prepared = preparedOsls();
  if (prepared.skip !== false) throw new Error(prepared.skip);
  const file = join(edge.folder, "osls.mjs");
  const state = join(edge.folder, "function.json");
  writeFileSync(
    file,
    `import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
const [action, ...rest] = process.argv.slice(2);
const out = action === "deploy" ? ["--package", ${JSON.stringify(join(edge.folder, "stack"))}] : [];
const { status } = spawnSync(process.execPath, [${JSON.stringify(prepared.script)}, "package", ...rest, ...out], { stdio: "inherit" });
if (status === 0 && action === "deploy") {
  const state = JSON.parse(readFileSync(${JSON.stringify(state)}, "utf8"));
  const live = String(Number(state.versions.at(-1)) + 1);
  writeFileSync(${JSON.stringify(state)}, JSON.stringify({ ...state, versions: [...state.versions, live], live }));
}
process.exitCode = status ?? 1;
`,
  );
  return file;
}

/** The Job's bundle as an image would hold it, and a digest that changes with it. */
export function keepBundle(edge: Edge): string {
  const folder = join(root, "build/ingest-job");
  cpSync(folder, join(edge.folder, "ingest-job"), { recursive: true });
  const hash = createHash("sha256").update(readFileSync(join(folder, "ingest-job.mjs")));
  return `sha256:${hash.digest("hex")}`;
}
