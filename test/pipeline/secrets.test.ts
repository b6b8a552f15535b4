import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";
import { commands } from "../../scripts/ci/commands.ts";
import { image, tellFunction, tellJobs } from "./edge/cluster.ts";
import { createEdge, type Edge, type Finished, type RecordedCall } from "./edge/edge.ts";
import { copyManifests } from "./installation.ts";
import { type PublicApi, startPublicApi } from "./public-api.ts";

const commit = "1".repeat(40);
const state = "gs://example-project-isthmus-state";
const canary = "canary0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/** Every value that a job holds or fetches and nobody may read. */
const secrets = {
  "weaviate-api-key": `root-${canary}`,
  "weaviate-writer-key": `writer-${canary}`,
  "weaviate-reader-key": `reader-${canary}`,
};
const environment = {
  // Every bash says each command that it runs, as under `set -x`.
  SHELLOPTS: "xtrace",
  AWS_SECRET_ACCESS_KEY: `aws-${canary}`,
  AWS_SESSION_TOKEN: `session-${canary}`,
  CIRCLE_OIDC_TOKEN: `oidc-${canary}`,
  CIRCLE_OIDC_TOKEN_V2: `oidc2-${canary}`,
};

let edge: Edge;
let node: Server;
let api: PublicApi;
before(async () => {
  node = createServer((request, response) => {
    request.resume();
    const role = request.method === "GET" && request.url?.startsWith("/v1/authz/roles/");
    response.writeHead(role ? 404 : request.url === "/v1/authz/roles" ? 201 : 200).end();
  });
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  api = await startPublicApi((query) => {
    const uri = edge
      .calls()
      .flatMap(({ command, positional }) => (command === "storage cp" ? [positional[1] ?? ""] : []));
    return uri.filter((each) => each.includes(query) && edge.object(each) !== undefined);
  });
});
after(async () => {
  node.close();
  await api.close();
});
beforeEach(() => {
  edge = createEdge();
  for (const [name, value] of Object.entries(secrets)) edge.putSecret(name, value);
  edge.forwardTo((node.address() as AddressInfo).port);
  edge.putObject(
    `${state}/pipeline/deployed.json`,
    JSON.stringify({ commit, ingest_image: image, function_version: "9" }),
  );
  edge.putObject(`${state}/plans/${commit}/by-hand/gcp.tfplan`, "a plan");
  for (const kind of ["ingest", "worker"]) edge.putObject(`${state}/pipeline/images/${kind}/${commit}`, image);
  edge.standIn("npm", "exit 0");
  edge.answer(
    { program: "kubectl", when: "get secret weaviate-secrets" },
    { program: "kubectl", when: "get secret weaviate-tls" },
    {
      program: "kubectl",
      when: "events/production",
      stdout: "kind: Deployment\nimage: WORKER_IMAGE\n---\nkind: CronJob\nimage: INGEST_IMAGE\n",
    },
    { program: "kubectl", when: "kustomize", stdout: "kind: StatefulSet\n" },
    { program: "kubectl", when: "--dry-run=server -o name -f", stdout: "statefulset.apps/weaviate\n" },
    { program: "kubectl", when: "apply" },
    { program: "kubectl", when: "diff", code: 1, stdout: "+ something\n" },
    { program: "kubectl", when: "jsonpath={.spec.replicas}", stdout: "1" },
    { program: "kubectl", when: "updateRevision", stdout: "weaviate-5" },
    { program: "kubectl", when: "rollout" },
    { program: "kubectl", when: "wait statefulset" },
    { program: "kubectl", when: "controller-revision-hash", stdout: '{"items":[]}' },
    { program: "kubectl", when: "create -f - -o name --dry-run=server", stdout: "job.batch/ingest-1\n" },
    { program: "terraform", when: " show -json ", stdout: '{"resource_changes":[]}' },
    { program: "terraform", when: "" },
    { program: "docker", when: "image inspect", stdout: JSON.stringify([image]) },
    { program: "docker", when: "" },
    { program: "syft", when: "" },
    { program: "grype", when: "" },
    { program: "gcloud", when: "auth configure-docker" },
  );
  tellJobs(edge, { exitCode: 0, log: [{ severity: "INFO", message: "working" }] });
  tellFunction(edge, "12", api.url, `gateway-${canary}`);
});
afterEach(() => edge.remove());

const built = "3".repeat(40);
/** Every step that reaches a cloud. The tool behind `osls` is a script that says that it ran. */
function steps(): (readonly [name: string, ...args: string[]])[] {
  const manifests = ["--manifests", copyManifests(edge.folder)];
  const quick = ["--poll-seconds", "0", "--attempts", "2"];
  return [
    ["base-revision", "--deployed"],
    ["plan-infrastructure", "--root", "gcp", "--commit", built],
    ["apply-infrastructure", "--root", "gcp", "--commit", commit],
    ["detect-drift", "--root", "aws"],
    ["deploy-weaviate", ...manifests],
    ["build-images", "--commit", built, "--node-digest", `sha256:${"b".repeat(64)}`, "--sbom", `${edge.folder}/sbom`],
    ["run-ingestion", "--image", "deployed", ...quick.slice(0, 2)],
    ["deploy-query-lambda", "--osls", "/dev/null", "--layer", "arn:aws:lambda:x"],
    ["deploy-worker", ...manifests, "--commit", commit, ...quick],
    ["smoke-test", "--record", "--commit", commit, ...quick],
    ["rollback", "--what", "function"],
    ["rollback", "--what", "weaviate"],
    ["rollback", "--what", "worker"],
  ];
}

suite("no secret reaches a log", () => {
  test("not one of them is printed or an argument, whatever a step does", async () => {
    const ran: [string, Finished][] = [];
    for (const [name, ...args] of steps()) ran.push([name, await edge.step(name, args, environment)]);
    for (const [name, { code, stdout, stderr }] of ran) {
      assert.equal(code, 0, `${name}: ${stderr}`);
      assert.ok(!`${stdout}${stderr}`.includes(canary), `${name} prints a secret`);
    }
    const [, weaviate] = ran.find(([name]) => name === "deploy-weaviate") ?? [];
    assert.match(weaviate?.stderr ?? "", /^\+ kubectl -n isthmus apply .*-f -$/m, "what is called is said");
    for (const line of edge.lines()) assert.ok(!line.includes(canary), line);
    assert.deepEqual(api.keys.at(-1), `gateway-${canary}`, "the key was used");
  });

  test("nor does one stay in a file", async () => {
    for (const [name, ...args] of steps()) await edge.step(name, args, environment);
    const own = /\/(secrets|answers\.json|bin)(\/|$)/;
    const left = files(edge.folder).filter((file) => !own.test(file) && readFileSync(file, "utf8").includes(canary));
    assert.deepEqual(left, []);
  });

  test("a failing step tells no secret either", async () => {
    edge.putSecret("weaviate-reader-key", `${secrets["weaviate-reader-key"]}\n`);
    const { code, stdout, stderr } = await edge.step(
      "deploy-weaviate",
      ["--manifests", copyManifests(edge.folder)],
      environment,
    );
    assert.equal(code, 1);
    assert.ok(!`${stdout}${stderr}`.includes(canary));
  });
});

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** Whether a call leaves everything as it was. */
function changesNothing({ program, command, flags, positional }: RecordedCall): boolean {
  if (program === "gcloud")
    return !(
      command === "storage rm" ||
      command === "auth configure-docker" ||
      (positional[1] ?? "").startsWith("gs://")
    );
  if (program === "kubectl") {
    if (command.startsWith("apply") || command.startsWith("create"))
      return ["server", "client"].includes(flags["--dry-run"] ?? "");
    return ["get", "diff", "kustomize", "set env", "logs", "port-forward"].includes(command);
  }
  if (program === "aws") return / (get|list|describe)-/.test(` ${command.split(" ")[1]}`);
  return program === "terraform" && command !== "apply";
}

test("a dry run asks and checks, and changes nothing", async () => {
  edge.put("parameters.json", "{}");
  edge.put("bash-env", "");
  const own = [
    ["pipeline-parameters", "--file", join(edge.folder, "parameters.json"), "--everything", "true"],
    ["base-revision", "--deployed", "--environment", join(edge.folder, "bash-env")],
  ] as const;
  for (const [name, ...args] of [...steps(), ...own]) {
    const { code, stderr } = await edge.step(name, [...args, "--dry-run"]);
    assert.equal(code, 0, `${name}: ${stderr}`);
  }
  assert.deepEqual(
    new Set([...steps(), ...own].map(([name]) => name)),
    new Set(commands.keys()),
    "a step is missing here",
  );
  assert.equal(readFileSync(join(edge.folder, "parameters.json"), "utf8"), "{}");
  assert.equal(readFileSync(join(edge.folder, "bash-env"), "utf8"), "");
  assert.ok(edge.calls().length > 20);
  assert.deepEqual(
    edge
      .calls()
      .filter((call) => !changesNothing(call))
      .map(({ args }) => args.join(" ")),
    [],
  );
  assert.ok(edge.object(`${state}/plans/${commit}/by-hand/gcp.tfplan`));
});

suite("the stand-ins", () => {
  const call = (program: string, ...args: string[]) => edge.run(program, args);
  test("refuse what the real programs refuse", async () => {
    const wrong = [
      ["gcloud", "storage", "cp", "a", "gs://b/c", "--content_type=text/plain"],
      ["gcloud", "storage", "upload", "a", "gs://b/c"],
      ["aws", "lambda", "get-alias", "--function", "f", "--name", "live"],
      ["kubectl", "-n", "isthmus", "apply", "--server-sided", "-f", "x"],
      ["terraform", "-chdir=x", "plan", "--detailed-exit-code"],
      ["docker", "build", "--sbom=true", "."],
      ["grype", "sbom:x", "--fail-at", "high"],
    ] as const;
    for (const [program, ...args] of wrong) {
      const { code, stderr } = await call(program, ...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, /unknown (flag|command)/);
    }
    assert.deepEqual(edge.calls(), []);
  });
  test("refuse a call that the test has no answer for", async () => {
    const get = (name: string) => call("aws", "lambda", "get-alias", "--function-name", name, "--name", "live");
    assert.equal((await get("rag-query-api-dev-query")).code, 0);
    assert.equal((await get("another")).code, 97);
    edge.remove();
    edge = createEdge();
    assert.equal((await get("rag-query-api-dev-query")).code, 97);
  });
});
