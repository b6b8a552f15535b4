import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/run.ts";
import { copyTerraform, typesIn } from "../infra/terraform.ts";
import { goBinary, peersFolder } from "../peers/binaries.ts";
import { type FakeGcs, startFakeGcs } from "../peers/fake-gcs.ts";
import { type KubernetesApi, startKubernetesApi } from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";
import { terraformMirror } from "../peers/terraform/mirror.ts";
import { createEdge, type Edge } from "../pipeline/edge/edge.ts";
import { copyManifests } from "../pipeline/installation.ts";
import { exampleLayerArn } from "../support/lambda/osls.ts";
import { ownArchitecture } from "../support/lambda/packaged.ts";
import { startCluster } from "./cluster.ts";
import { writeOsls } from "./osls.ts";
import { serveFunction } from "./served-function.ts";

export const project = "example-project";
export const bucket = `${project}-isthmus-documents`;

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
        '{"organization_id":"01234567-89ab-cdef-0123-456789abcdef","apply_context_id":"00112233-4455-6677-8899-aabbccddeeff","project_id":"fedcba98-7654-3210-fedc-ba9876543210"}',
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

/** The Job's bundle as an image would hold it, and a digest that changes with it. */
export function keepBundle(edge: Edge): string {
  const folder = join(root, "build/ingest-job");
  cpSync(folder, join(edge.folder, "ingest-job"), { recursive: true });
  const hash = createHash("sha256").update(readFileSync(join(folder, "ingest-job.mjs")));
  return `sha256:${hash.digest("hex")}`;
}
