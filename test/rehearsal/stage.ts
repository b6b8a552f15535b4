import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createPubSubConnection } from "../../src/adapters/pubsub/connection.ts";
import { bucket, openPlace, type Place, project } from "../cluster/place.ts";
import { copyTerraform, typesIn } from "../infra/terraform.ts";
import { goBinary, peersFolder } from "../peers/binaries.ts";
import { goPrograms } from "../peers/programs.ts";
import { terraformMirror } from "../peers/terraform/mirror.ts";
import { createEdge, type Edge } from "../pipeline/edge/edge.ts";
import { exampleLayerArn } from "../support/lambda/osls.ts";
import { ownArchitecture } from "../support/lambda/packaged.ts";
import { writeOsls } from "./osls.ts";
import { type SeenPod, watchPods } from "./pods.ts";
import { startRegistry } from "./registry.ts";
import { serveFunction } from "./served-function.ts";

/** Everything that the pipeline's steps meet, on this machine. */
export interface Stage {
  readonly edge: Edge;
  readonly place: Place;
  readonly terraform: string;
  readonly osls: string;
  /** What a job of CircleCI has from its context. */
  readonly environment: Readonly<Record<string, string>>;
  /** The function's package as the last deployment made it, behind the gateway from now on. */
  deployFunction(): Promise<void>;
  /** Every pod that there was, and what was said of it. Ends the watch for more. */
  pods(): Promise<SeenPod[]>;
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
    tell("starting a Kubernetes of two nodes, Cloud Storage, Pub/Sub and a gateway on this machine");
    const edge = createEdge(["gcloud", "aws", "syft", "grype"]);
    closing.push(() => edge.remove());
    const place = await openPlace(2);
    closing.push(() => place.stop());
    const { storage, cluster } = place;
    for (const name of [`${project}-isthmus-state`, `${project}-isthmus-link-state`]) await storage.createBucket(name);
    await followBucket(place);
    edge.put("storage-server", storage.url);
    const kubectl = await goBinary(goPrograms.kubectl);
    if (kubectl.path === undefined) throw new Error(`${kubectl.skip}`);
    edge.standIn("kubectl", `exec '${kubectl.path}' "$@"`);
    const registry = await startRegistry(cluster);
    closing.push(() => registry.stop());
    edge.put("registry", registry.url);
    const docker = join(import.meta.dirname, "docker.ts");
    edge.standIn("docker", `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${docker}' "$@"`);

    const terraform = await copyTerraform();
    closing.push(() => terraform.remove());
    for (const name of ["gcp", "aws", "link"]) rmSync(join(terraform.folder, name, "backend_override.tf"));
    // The schema-only provider makes values up, and no number of them is an ASN.
    writeFileSync(join(terraform.folder, "link/rehearsal_override.tf"), 'module "link" {\n  aws_asn = 64512\n}\n');

    const watch = watchPods(cluster, "isthmus");
    closing.push(() => watch.end());
    const served = await serveFunction(edge, place);
    closing.push(() => served.stop());
    const environment = {
      KUBECONFIG: cluster.kubeconfig,
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
      place,
      terraform: terraform.folder,
      osls: writeOsls(edge),
      environment,
      deployFunction: served.deploy,
      pods: watch.end,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What Terraform makes for the workers: a topic that is told of the bucket's changes, and the subscription that settings.env names. */
async function followBucket({ storage, pubSub, manifests }: Place): Promise<void> {
  const settings = readFileSync(join(manifests, "base/settings.env"), "utf8");
  const [, subscription = ""] = /^ISTHMUS_SUBSCRIPTION=(\S+)$/m.exec(settings) ?? [];
  const topic = `projects/${project}/topics/${bucket}`;
  const connection = createPubSubConnection({ emulator: `http://${pubSub.host}` });
  try {
    await connection.publisher.createTopic({ name: topic });
    await connection.subscriber.createSubscription({ name: subscription, topic, ackDeadlineSeconds: 60 });
  } finally {
    connection.close();
  }
  await storage.notify(bucket, topic);
}
