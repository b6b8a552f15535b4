import type { Edge } from "./edge.ts";

export const image = `us-east4-docker.pkg.dev/example-project/isthmus/ingest@sha256:${"a".repeat(64)}`;

export interface JobStory {
  /** Exit code of its one pod. */
  readonly exitCode: number;
  readonly log?: readonly object[];
}

/** A cluster in which every Job runs like this, at once. */
export function tellJobs(edge: Edge, { exitCode, log = [] }: JobStory): void {
  const condition = { type: exitCode === 0 ? "Complete" : "Failed", status: "True" };
  const terminated = { exitCode };
  const pod = {
    metadata: { name: "ingest-1-0-abc" },
    status: { phase: "Succeeded", containerStatuses: [{ state: { terminated } }] },
  };
  edge.answer(
    { program: "kubectl", when: "set env", stdout: "kind: Job\n" },
    { program: "kubectl", when: "create -f - -o name", stdout: "job.batch/ingest-1\n" },
    { program: "kubectl", when: "get job ingest-1", stdout: JSON.stringify({ status: { conditions: [condition] } }) },
    { program: "kubectl", when: "batch.kubernetes.io/job-name=ingest-1", stdout: JSON.stringify({ items: [pod] }) },
    { program: "kubectl", when: "logs --follow", stdout: log.map((entry) => `${JSON.stringify(entry)}\n`).join("") },
  );
}

/** The functions at their versions, their API at an address, and the API's key. */
export function tellFunction(edge: Edge, version: string, url: string, key = "an-api-key", answer = "5"): void {
  const outputs = [{ OutputKey: "ServiceEndpoint", OutputValue: url }];
  const items = [
    { name: "rag-query-api-dev-second", value: "another key" },
    { name: "rag-query-api-dev", value: key },
  ];
  const versions = (...all: string[]) =>
    JSON.stringify({ Versions: ["$LATEST", ...all].map((Version) => ({ Version })) });
  edge.answer(
    { program: "gcloud", when: "container clusters get-credentials", stdout: "" },
    {
      program: "aws",
      when: "cloudformation describe-stack-resource ",
      stdout: JSON.stringify({ StackResourceDetail: { PhysicalResourceId: "api1" } }),
    },
    { program: "aws", when: "apigateway get-stage", stdout: JSON.stringify({ deploymentId: "d1" }) },
    { program: "aws", when: "apigateway get-deployments", stdout: JSON.stringify({ items: [] }) },
    { program: "aws", when: "apigateway update-deployment", stdout: "{}" },
    {
      program: "aws",
      when: "lambda get-alias --function-name rag-query-api-dev-query",
      stdout: JSON.stringify({ FunctionVersion: version }),
    },
    {
      program: "aws",
      when: "lambda get-alias --function-name rag-query-api-dev-answer",
      stdout: JSON.stringify({ FunctionVersion: answer }),
    },
    {
      program: "aws",
      when: "cloudformation describe-stacks",
      stdout: JSON.stringify({ Stacks: [{ Outputs: outputs }] }),
    },
    { program: "aws", when: "apigateway get-api-keys", stdout: JSON.stringify({ items }) },
    { program: "aws", when: "lambda update-alias", stdout: "{}" },
    {
      program: "aws",
      when: "lambda list-versions-by-function --function-name rag-query-api-dev-query",
      stdout: versions("3", "9", "10", "12"),
    },
    {
      program: "aws",
      when: "lambda list-versions-by-function --function-name rag-query-api-dev-answer",
      stdout: versions("2", "4", "5"),
    },
  );
}
