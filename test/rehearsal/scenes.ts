import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parametersOf, readRules } from "../../scripts/ci/mapping.ts";
import { root } from "../../scripts/run.ts";
import { faultsOfImage } from "../cluster/image-faults.ts";
import { bucket } from "../cluster/place.ts";
import { at, listAt } from "../infra/manifests.ts";
import type { Stage } from "./stage.ts";

/** Of the push that is rehearsed. */
export const commit = "4".repeat(40);
/** Of every key in the rehearsal: no step may print it. */
export const secretPart = "rehearsal-canary";

const weaviate =
  "kubectl, API server, controllers, kubelets; Weaviate's image with the overlay as it stands, on a disk and behind the balancer";
const job =
  "the Job's image in pods: identity, network policies, parsers, model, bucket protocol, Weaviate by gRPC with TLS";
const images = "the bundle; the Dockerfile, built by buildah on Debian's packages";
const inShares = [
  ["completions: 1", "completions: 2"],
  ["parallelism: 1", "parallelism: 2"],
  ['name: ISTHMUS_JOB_COMPLETIONS, value: "1"', 'name: ISTHMUS_JOB_COMPLETIONS, value: "2"'],
] as const;

/** One step with its arguments, and what must come of it. */
export interface Scene {
  readonly name: string;
  readonly real: string;
  /** A step of the pipeline, or a program that an operator calls by hand. */
  readonly step: string | { readonly program: string };
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Left out where the rehearsal is one test among all. */
  readonly long?: true;
  /** Default 0. */
  readonly code?: number;
  /** What must be among its output. */
  readonly says: RegExp;
  before?(): Promise<void> | void;
  after?(): Promise<void> | void;
}

/** The pipeline in its order, with the drills between. */
export function scenes(stage: Stage): Scene[] {
  const { edge, place } = stage;
  const { storage } = place;
  const quick = ["--poll-seconds", "1"];
  const manifests = ["--manifests", place.manifests];
  const infrastructure = (root: string): Scene[] => {
    const args = ["--root", root, "--terraform", stage.terraform];
    const real = "Terraform, its state, lock and plan in the bucket; the provider's schema";
    return [
      {
        name: `plan ${root}`,
        real,
        step: "plan-infrastructure",
        args,
        says: /[1-9]\d* to create, 0 to update, 0 to replace/,
      },
      {
        name: `apply ${root}`,
        real: `${real}; that very plan file`,
        step: "apply-infrastructure",
        args,
        says: /applied [1-9]\d* to create/,
      },
    ];
  };
  const parameters = join(edge.folder, "parameters.json");
  return [
    {
      name: "choose what runs, with nothing deployed yet",
      real: "the record's bucket, git",
      step: "base-revision",
      args: ["--deployed", "--commit", "HEAD"],
      says: /nothing is deployed yet, everything runs/,
    },
    {
      name: "complete the parameters",
      real: "the mapping",
      step: "pipeline-parameters",
      args: ["--file", parameters, "--everything", "true"],
      before: () => writeFileSync(parameters, "{}"),
      says: new RegExp(parametersOf(readRules()).join("\\n")),
    },
    ...infrastructure("gcp"),
    ...infrastructure("aws"),
    ...infrastructure("link"),
    {
      name: "drill: a plan that replaces things is refused",
      real: "Terraform; the plan of another region",
      step: "apply-infrastructure",
      args: ["--root", "gcp", "--terraform", stage.terraform, "--commit", "5".repeat(40)],
      async before() {
        const plan = ["--root", "gcp", "--terraform", stage.terraform, "--commit", "5".repeat(40)];
        const moved = { ...stage.environment, TF_VAR_gcp_region: "us-central1" };
        const { code, stderr } = await edge.step("plan-infrastructure", plan, moved);
        if (code !== 0) throw new Error(stderr);
      },
      code: 1,
      says: /destroys or replaces .*Nothing was applied/,
    },
    {
      name: "look for drift",
      real: "Terraform",
      step: "detect-drift",
      args: ["--root", "gcp", "--terraform", stage.terraform],
      says: /as the code says/,
    },
    {
      name: "try the deployment of Weaviate",
      real: "kubectl's server-side dry run and diff in the API server",
      step: "deploy-weaviate",
      args: [...manifests, "--dry-run"],
      async before() {
        for (const name of ["api-key", "writer-key", "reader-key"])
          edge.putSecret(`weaviate-${name}`, `${secretPart}-${name}`);
        await makeNamespaceWithCertificate(stage);
      },
      says: /\+kind: StatefulSet/,
    },
    {
      name: "deploy Weaviate",
      real: `${weaviate}; its roles`,
      step: "deploy-weaviate",
      args: [...manifests, "--timeout", "5m"],
      says: /1 of 1 nodes ready/,
    },
    {
      name: "drill: a rollout that does not become ready goes back",
      real: `${weaviate}; a readiness probe that is wrong`,
      step: "deploy-weaviate",
      args: [
        "--manifests",
        changed(stage, "wrong-probe", "base/weaviate.yaml", [["/v1/.well-known/ready", "/v1/no-such-thing"]]),
        // So long the way back may take, too, on a machine that is busy.
        "--timeout",
        "90s",
      ],
      long: true,
      code: 1,
      says: /did not become ready within 90s; it was rolled back to the revision before/,
      after: () => place.ready("weaviate-starter"),
    },
    {
      name: "build the Job's image",
      real: images,
      step: "build-images",
      args: ["--sbom", join(edge.folder, "sbom")],
      before: () =>
        edge.answer(
          { program: "syft", when: "" },
          { program: "grype", when: "" },
          { program: "gcloud", when: "auth configure-docker" },
        ),
      says: /isthmus\/ingest@sha256:[0-9a-f]{64}/,
      after: () => nothingForeign(stage, "ingest-job"),
    },
    {
      name: "run the ingestion Job over the bucket",
      real: job,
      step: "run-ingestion",
      args: [...manifests, ...quick],
      async before() {
        for (const name of ["concepts.md", "api.md", "getting-started.md"])
          await storage.upload(bucket, name, readFileSync(join(root, "docs", name)), { contentType: "text/markdown" });
      },
      says: /done/,
    },
    {
      name: "drill: a Job with a bad document exits 2 and names it",
      real: "as above",
      step: "run-ingestion",
      args: [...manifests, ...quick],
      before: async () =>
        void (await storage.upload(bucket, "bad.pdf", "%PDF-1.7 nothing", { contentType: "application/pdf" })),
      after: () => storage.remove(bucket, "bad.pdf"),
      code: 2,
      says: /some documents failed[\s\S]*?bad\.pdf \(parse_failed\)/,
    },
    {
      name: "run the ingestion in two shares",
      real: `${job}; two pods of an Indexed Job`,
      step: "run-ingestion",
      args: ["--manifests", changed(stage, "shares", "ingest/job.yaml", inShares), ...quick],
      long: true,
      says: /done/,
      async after() {
        const list = await place.kubectl(
          "get",
          "pods",
          "-l",
          "batch.kubernetes.io/job-completion-index=1",
          "-o",
          "name",
        );
        if (list.trim() === "") throw new Error("there was no second share");
      },
    },
    {
      name: "deploy the functions",
      real: "the zips, osls's CloudFormation template",
      step: "deploy-query-lambda",
      args: ["--osls", stage.osls],
      after: () => stage.deployFunction(),
      says: /query is live at version 2 \(was 1\); answer is live at version 2 \(was 1\)/,
    },
    {
      name: "smoke test: ingest a document, find it and have it cited through the API, remove it",
      real: "bucket, Job, Weaviate, both functions' zips, the gateway's rules",
      step: "smoke-test",
      args: ["--record", ...manifests, ...quick],
      says: /found, cited and removed/,
    },
    {
      name: "drill: a document that is not found rolls the functions back",
      real: "as above, with a gateway that knows another key",
      step: "smoke-test",
      args: [
        "--record",
        ...manifests,
        ...quick,
        "--attempts",
        "2",
        "--api-key-file",
        join(edge.folder, "wrong-key"),
        "--commit",
        "6".repeat(40),
      ],
      before() {
        edge.put("wrong-key", "not-a-key");
        const state = JSON.parse(readFileSync(join(edge.folder, "function.json"), "utf8"));
        const next = { versions: ["1", "2", "3"], live: "3" };
        edge.put("function.json", JSON.stringify({ ...state, query: next, answer: next }));
      },
      code: 1,
      says: /was not found .*rolled back: query from 3 to 2, answer from 3 to 2/,
    },
    {
      name: "reconcile: the deployed image over the whole bucket",
      real: "as the ingestion Job",
      step: "run-ingestion",
      args: ["--image", "deployed", ...manifests, ...quick],
      says: /done/,
    },
    {
      name: "build the workers' image",
      real: images,
      step: "build-images",
      args: ["--what", "worker", "--sbom", join(edge.folder, "sbom")],
      long: true,
      says: /isthmus\/worker@sha256:[0-9a-f]{64}/,
      after: () => nothingForeign(stage, "ingest-worker"),
    },
    {
      name: "deploy the workers, and see a document come and go by its events alone",
      real: "pods, their network policy, Pub/Sub and Cloud Storage by their own names and TLS, Weaviate, the function's zip",
      step: "deploy-worker",
      args: [...manifests, ...quick, "--timeout", "5m", "--attempts", "120"],
      long: true,
      says: /a document came and went/,
    },
    {
      name: "go back by hand",
      real: "the way to the alias; the alias is a file",
      step: "rollback",
      args: ["--what", "function", "--to", "query=1,answer=1"],
      says: /live: query from 2 to 1, answer from 2 to 1/,
    },
    {
      name: "tear the cluster's part down, as the guide says",
      real: "controllers, finalizers, kubelets",
      step: { program: "kubectl" },
      args: ["delete", "namespace", "isthmus", "--timeout=5m"],
      before: async () => void (await place.kubectl("delete", "service/weaviate-lb")),
      says: /namespace "isthmus" deleted/,
      after: () => nothingIsLeft(stage),
    },
  ];
}

/** What an operator makes before the first deployment (docs/operations/first-query.md). */
async function makeNamespaceWithCertificate({ place }: Stage): Promise<void> {
  await place.kubectl("create", "namespace", "isthmus");
  const files = ["tls.crt", "tls.key", "ca.crt"].map((file) => `--from-file=${file}=${join(place.certificates, file)}`);
  await place.kubectl("create", "secret", "generic", "weaviate-tls", ...files);
}

/** A copy of the manifests in which one file differs. @returns its folder. */
function changed(
  { edge, place }: Stage,
  name: string,
  file: string,
  changes: readonly (readonly [from: string, to: string])[],
): string {
  const folder = join(edge.folder, name);
  cpSync(place.manifests, folder, { recursive: true });
  let text = readFileSync(join(folder, file), "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replace(from, to);
  }
  writeFileSync(join(folder, file), text);
  return folder;
}

/** The image as it was pushed. */
function nothingForeign({ edge }: Stage, program: string): void {
  const archives = readdirSync(join(edge.folder, "images")).filter((file) => file.endsWith(".tar"));
  const all = archives.map((file) => faultsOfImage(join(edge.folder, "images", file), program));
  // Each archive holds one program, and one of them is this one.
  if (!all.some((faults) => faults.length === 0)) throw new Error(`in the image: ${all.flat().join(", ")}`);
}

/** Nothing is left that a cloud would bill or an operator would meet again, but the claims' disks, which are the operator's to delete. */
async function nothingIsLeft({ place }: Stage): Promise<void> {
  for (const kind of ["namespaces", "pods", "services", "persistentvolumeclaims"]) {
    const { body } = await place.cluster.send("GET", `/api/v1/${kind}`);
    const ours = listAt(body, "items").filter(
      (one) => at(one, "metadata.namespace") === "isthmus" || at(one, "metadata.name") === "isthmus",
    );
    if (ours.length > 0) throw new Error(`left: ${ours.map((one) => at(one, "metadata.name")).join()}`);
  }
}
