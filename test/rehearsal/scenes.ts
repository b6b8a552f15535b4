import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parametersOf, readRules } from "../../scripts/ci/mapping.ts";
import { root } from "../../scripts/run.ts";
import { bucket, keepBundle, project, type Stage } from "./stage.ts";

/** Of the push that is rehearsed. */
export const commit = "4".repeat(40);
/** Of every key in the rehearsal: no step may print it. */
export const secretPart = "rehearsal-canary";
const registry = `us-east4-docker.pkg.dev/${project}/isthmus/ingest`;

/** One step with its arguments, and what must come of it. */
export interface Scene {
  readonly name: string;
  readonly real: string;
  readonly step: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Default 0. */
  readonly code?: number;
  /** What must be among its output. */
  readonly says: RegExp;
  before?(): Promise<void> | void;
  after?(): Promise<void> | void;
}

/** The pipeline in its order, with the drills between. */
export function scenes(stage: Stage): Scene[] {
  const { edge, storage } = stage;
  const quick = ["--poll-seconds", "1"];
  const manifests = ["--manifests", stage.manifests];
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
      real: "kubectl, the Kubernetes API server; Weaviate with the manifest's environment and the Secret's keys; its roles",
      step: "deploy-weaviate",
      args: [...manifests, "--timeout", "1m"],
      says: /1 of 1 nodes ready/,
    },
    {
      name: "build the Job's image",
      real: "the bundle that goes into it",
      step: "build-images",
      args: ["--sbom", join(edge.folder, "sbom")],
      before: () =>
        edge.answer(
          {
            program: "docker",
            when: "image inspect",
            stdout: JSON.stringify([`${registry}@sha256:${"a".repeat(64)}`]),
          },
          { program: "docker", when: "" },
          { program: "syft", when: "" },
          { program: "grype", when: "" },
          { program: "gcloud", when: "auth configure-docker" },
        ),
      after: () => void keepBundle(edge),
      says: /@sha256:a{64}/,
    },
    {
      name: "run the ingestion Job over the bucket",
      real: "the Job in the API server; its bundle, parsers, model, bucket protocol, Weaviate by gRPC with TLS",
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
      name: "deploy the query function",
      real: "the zip, osls's CloudFormation template",
      step: "deploy-query-lambda",
      args: ["--osls", stage.osls],
      after: () => stage.deployFunction(),
      says: /live is version 2 \(was 1\)/,
    },
    {
      name: "smoke test: ingest a document, find it through the API, remove it",
      real: "bucket, Job, Weaviate, the function's zip, the gateway's rules",
      step: "smoke-test",
      args: ["--record", ...manifests, ...quick],
      says: /found and removed/,
    },
    {
      name: "drill: a document that is not found rolls the function back",
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
        edge.put("function.json", JSON.stringify({ ...state, versions: [...state.versions, "3"], live: "3" }));
      },
      code: 1,
      says: /was not found .*rolled back from 3 to 2/,
    },
    {
      name: "reconcile: the deployed image over the whole bucket",
      real: "as the ingestion Job",
      step: "run-ingestion",
      args: ["--image", "deployed", ...manifests, ...quick],
      says: /done/,
    },
    {
      name: "go back by hand",
      real: "the way to the alias; the alias is a file",
      step: "rollback",
      args: ["--what", "function", "--to", "1"],
      says: /live is version 1 \(was 2\)/,
    },
  ];
}

/** What an operator makes before the first deployment (docs/operations/first-query.md). */
async function makeNamespaceWithCertificate({ api }: Stage): Promise<void> {
  await api.send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "isthmus" } });
  const metadata = { name: "weaviate-tls", namespace: "isthmus" };
  // Weaviate's start makes the certificate that it is served with.
  const stringData = {
    "tls.crt": "made on this machine",
    "tls.key": "made on this machine",
    "ca.crt": "made on this machine",
  };
  const { status, body } = await api.send("POST", "/api/v1/namespaces/isthmus/secrets", {
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    stringData,
  });
  if (status !== 201) throw new Error(`Secret weaviate-tls: ${status} ${JSON.stringify(body)}`);
}
