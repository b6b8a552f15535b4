import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";
import { image, tellFunction, tellJobs } from "./edge/cluster.ts";
import { createEdge, type Edge } from "./edge/edge.ts";
import { copyManifests } from "./installation.ts";
import { startPublicApi } from "./public-api.ts";

const commit = "1".repeat(40);
const state = "gs://example-project-isthmus-state";
let edge: Edge;
beforeEach(() => {
  edge = createEdge();
});
afterEach(() => edge.remove());

const called = (pattern: RegExp) => edge.lines().filter((line) => pattern.test(line));

suite("infrastructure", () => {
  const change = (address: string, ...actions: string[]) => ({ address, change: { actions } });
  const replacing = [
    change("module.cluster.google_container_cluster.this", "delete", "create"),
    change("a.b", "update"),
  ];

  function tellTerraform(changes: readonly object[]): void {
    edge.answer(
      { program: "terraform", when: " init ", stdout: "" },
      { program: "terraform", when: " plan ", code: changes.length > 0 ? 2 : 0 },
      { program: "terraform", when: " show -json ", stdout: JSON.stringify({ resource_changes: changes }) },
      { program: "terraform", when: " apply ", stdout: "Apply complete!\n" },
    );
  }

  test("a plan that replaces something is kept, and its apply is refused", async () => {
    tellTerraform(replacing);
    const planned = await edge.step("plan-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(planned.code, 0, planned.stderr);
    assert.match(planned.stdout, /replace module\.cluster\.google_container_cluster\.this[\s\S]*needs allow_destroy/);
    assert.equal(edge.object(`${state}/plans/${commit}/by-hand/gcp.tfplan`), "a plan");

    const applied = await edge.step("apply-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(applied.code, 1);
    assert.match(
      applied.stderr,
      /destroys or replaces module\.cluster\.google_container_cluster\.this.*Nothing was applied/s,
    );
    assert.deepEqual(called(/^terraform .* apply /), []);
  });

  test("with allow_destroy that very plan is applied, and then deleted", async () => {
    tellTerraform(replacing);
    await edge.step("plan-infrastructure", ["--root", "gcp", "--commit", commit]);
    const { code, stderr } = await edge.step("apply-infrastructure", [
      "--root",
      "gcp",
      "--commit",
      commit,
      "--allow-destroy",
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(called(/^terraform .* apply /).length, 1);
    assert.equal(called(/storage rm --all-versions .*gcp\.tfplan$/).length, 1, "the bucket keeps versions");
    assert.equal(edge.object(`${state}/plans/${commit}/by-hand/gcp.tfplan`), undefined);
  });

  test("no plan of this commit, no apply", async () => {
    tellTerraform([change("a.b", "create")]);
    await edge.step("plan-infrastructure", ["--root", "aws", "--commit", commit]);
    const { code } = await edge.step("apply-infrastructure", ["--root", "aws", "--commit", "2".repeat(40)]);
    assert.equal(code, 1);
    assert.deepEqual(called(/ apply /), []);
  });

  test("two pipelines of one commit have plans of their own", async () => {
    tellTerraform([change("a.b", "create")]);
    const planned = ["--root", "gcp", "--commit", commit];
    await edge.step("plan-infrastructure", planned, { CIRCLE_PIPELINE_ID: "first" });
    assert.equal((await edge.step("apply-infrastructure", planned, { CIRCLE_PIPELINE_ID: "second" })).code, 1);
    assert.deepEqual(called(/ apply /), []);
    assert.equal((await edge.step("apply-infrastructure", planned, { CIRCLE_PIPELINE_ID: "first" })).code, 0);
  });

  test("the file that was planned is the file that is applied", async () => {
    tellTerraform([change("a.b", "create")]);
    edge.putObject(`${state}/plans/${commit}/by-hand/gcp.tfplan`, "what a person approved");
    edge.standIn(
      "terraform",
      `for last; do :; done; case "$*" in *" show "*) echo '{}' ;; *" apply "*) cat "$last" ;; esac`,
    );
    const { code, stdout, stderr } = await edge.step("apply-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(code, 0, stderr);
    assert.match(`${stdout}${stderr}`, /what a person approved/);
  });

  test("a plan that fails keeps no plan", async () => {
    edge.answer(
      { program: "terraform", when: " init " },
      { program: "terraform", when: " plan ", code: 1, stderr: "Error: the assertion of a check failed\n" },
    );
    const { code, stderr } = await edge.step("plan-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(code, 1);
    assert.match(stderr, /check failed/);
    assert.deepEqual(called(/^gcloud storage/), []);
  });

  test("the link's plan lies in the link's own bucket", async () => {
    tellTerraform([change("a.b", "create")]);
    await edge.step("plan-infrastructure", ["--root", "link", "--commit", commit]);
    assert.equal(edge.object(`gs://example-project-isthmus-link-state/plans/${commit}/by-hand/link.tfplan`), "a plan");
    assert.equal(called(/-backend-config=bucket=example-project-isthmus-link-state/).length, 1);
  });

  test("drift ends with 2 and names what differs; none ends with 0", async () => {
    tellTerraform(replacing);
    const drifted = await edge.step("detect-drift", ["--root", "gcp", "--json"]);
    assert.equal(drifted.code, 2);
    assert.deepEqual(JSON.parse(drifted.stdout).update, ["a.b"]);
    assert.ok(called(/-lock=false/).length > 0, "it must not hold up an apply");
    edge.remove();
    edge = createEdge();
    tellTerraform([]);
    assert.equal((await edge.step("detect-drift", ["--root", "gcp"])).code, 0);
  });
});

suite("Weaviate", () => {
  let node: Server;
  let ready = 200;
  before(async () => {
    node = createServer((_, response) => response.writeHead(ready).end());
    await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  });
  after(() => void node.close());
  beforeEach(() => {
    ready = 200;
    edge.forwardTo((node.address() as AddressInfo).port);
    for (const name of ["api-key", "writer-key", "reader-key"]) edge.putSecret(`weaviate-${name}`, `the-${name}`);
    edge.answer(
      { program: "gcloud", when: "get-credentials" },
      { program: "kubectl", when: "create secret generic weaviate-secrets", stdout: "kind: Secret\n" },
      { program: "kubectl", when: "get secret weaviate-tls", stdout: "secret/weaviate-tls\n" },
      { program: "kubectl", when: "kustomize", stdout: "kind: StatefulSet\n" },
      {
        program: "kubectl",
        when: "--dry-run=server -o name",
        stdout: "service/weaviate-lb\nstatefulset.apps/weaviate\n",
      },
      { program: "kubectl", when: "apply" },
      { program: "kubectl", when: "jsonpath={.status.updateRevision}", stdout: "weaviate-77" },
      { program: "kubectl", when: "jsonpath={.spec.replicas}", stdout: "3" },
    );
  });

  const deploy = (...args: string[]) =>
    edge.step("deploy-weaviate", ["--manifests", copyManifests(edge.folder), "--timeout", "1m", ...args]);

  test("a rollout that never becomes ready goes back, and its hanging pod with it", async () => {
    const pod = (name: string, status: string) => ({
      metadata: { name },
      status: { conditions: [{ type: "Ready", status }] },
    });
    const pods = [pod("weaviate-2", "False"), pod("weaviate-1", "True")];
    edge.answer(
      {
        program: "kubectl",
        when: "rollout status",
        code: 1,
        stderr: "error: timed out waiting for the condition\n",
        times: 1,
      },
      { program: "kubectl", when: "rollout status" },
      { program: "kubectl", when: "rollout undo" },
      {
        program: "kubectl",
        when: "controller-revision-hash=weaviate-77 -o json",
        stdout: JSON.stringify({ items: pods }),
      },
      { program: "kubectl", when: "get pods" },
      { program: "kubectl", when: "get events" },
      { program: "kubectl", when: "delete pod" },
    );
    const { code, stderr } = await deploy();
    assert.equal(code, 1);
    assert.match(stderr, /did not become ready within 1m; it was rolled back/);
    assert.deepEqual(called(/rollout undo/), ["kubectl -n isthmus rollout undo statefulset/weaviate"]);
    assert.deepEqual(called(/delete/), ["kubectl -n isthmus delete pod weaviate-2 --wait=false"]);
    assert.equal(called(/rollout status/).length, 2, "the way back is waited for too");
  });

  test("a first rollout has nothing to go back to, and says both", async () => {
    edge.answer(
      { program: "kubectl", when: "rollout status", code: 1, stderr: "error: timed out waiting for the condition\n" },
      { program: "kubectl", when: "rollout undo", code: 1, stderr: "error: no rollout history found\n" },
      { program: "kubectl", when: "get pods" },
      { program: "kubectl", when: "get events" },
    );
    const { code, stderr } = await deploy();
    assert.equal(code, 1);
    assert.match(stderr, /did not become ready within 1m; it could not be rolled back: .*rollout undo/);
  });

  test("a node that is not ready after the rollout ends it", async () => {
    edge.answer({ program: "kubectl", when: "rollout status" });
    ready = 503;
    const { code, stderr } = await deploy();
    assert.equal(code, 1);
    assert.match(stderr, /not ready: weaviate-0 \(503\), weaviate-1 \(503\), weaviate-2 \(503\)/);
  });

  test("what the API server refuses is not applied in part", async () => {
    edge.remove();
    edge = createEdge();
    for (const name of ["api-key", "writer-key", "reader-key"]) edge.putSecret(`weaviate-${name}`, `the-${name}`);
    edge.answer(
      { program: "gcloud", when: "get-credentials" },
      { program: "kubectl", when: "create secret", stdout: "kind: Secret\n" },
      { program: "kubectl", when: "get secret weaviate-tls" },
      { program: "kubectl", when: "kustomize", stdout: "kind: StatefulSet\n" },
      { program: "kubectl", when: "--dry-run=server -o name", code: 1, stderr: "Error from server (Invalid)\n" },
      { program: "kubectl", when: "apply" },
    );
    assert.equal((await deploy()).code, 1);
    assert.deepEqual(
      called(/apply .*manifests\.yaml$/).filter((line) => !line.includes("--dry-run")),
      [],
    );
  });

  test("a key with a line end is refused, and the Secret stays as it is", async () => {
    edge.putSecret("weaviate-writer-key", "the-writer-key\n");
    const { code, stderr } = await deploy();
    assert.equal(code, 1);
    assert.match(stderr, /newest version of weaviate-writer-key is empty, or holds a space or a line end/);
    assert.deepEqual(called(/create secret/), []);
  });

  test("the Secret is applied and never deleted", async () => {
    edge.answer({ program: "kubectl", when: "rollout status" });
    const { stderr } = await deploy();
    assert.match(stderr, /weaviate-2: ready answered 200/);
    const [created] = edge.calls().filter(({ command }) => command === "create secret generic");
    assert.equal(created?.flags["--dry-run"], "client");
    assert.ok(edge.calls().some(({ command, input }) => command === "apply" && input === "kind: Secret\n"));
    assert.deepEqual(called(/delete|replace/), []);
  });

  test("the example's names and a floating image are refused before anything is called", async () => {
    const { code, stderr } = await edge.step("deploy-weaviate");
    assert.equal(code, 1);
    assert.match(stderr, /still holds the example's names/);
    assert.deepEqual(edge.calls(), []);
  });
});

suite("ingestion", () => {
  const run = (...args: string[]) =>
    edge.step("run-ingestion", ["--image", image, "--poll-seconds", "0", "--cluster", "current", ...args]);
  const failure = {
    severity: "WARNING",
    message: "Failed: gs://b/bad.pdf: not a PDF",
    uri: "gs://b/bad.pdf",
    code: "parse_failed",
  };
  const record = {
    severity: "WARNING",
    message: "Bad record",
    uri: "gs://b/rows.csv",
    record: "7",
    code: "record_invalid",
  };

  test("a Job that exits 2 fails the run, with the documents", async () => {
    tellJobs(edge, { exitCode: 2, log: [{ severity: "INFO", message: "working" }, failure, record] });
    const { code, stdout } = await run("--json");
    assert.equal(code, 2);
    assert.deepEqual(JSON.parse(stdout).failed, [
      { uri: "gs://b/bad.pdf", code: "parse_failed" },
      { uri: "gs://b/rows.csv#7", code: "record_invalid" },
    ]);
    assert.match((await run()).stdout, /some documents failed[\s\S]*gs:\/\/b\/bad\.pdf \(parse_failed\)/);
  });

  test("any other failure ends with 1, a good run with 0", async () => {
    tellJobs(edge, { exitCode: 1 });
    assert.equal((await run()).code, 1);
    edge.remove();
    edge = createEdge();
    tellJobs(edge, { exitCode: 0 });
    assert.equal((await run()).code, 0);
    const [{ input = "" } = {}] = edge.calls().filter(({ command }) => command === "create");
    assert.ok(input.includes(`image: ${image}\n`) && !input.includes("INGEST_IMAGE\n"));
  });

  test("an image without a digest is refused", async () => {
    const { code, stderr } = await edge.step("run-ingestion", [
      "--image",
      "registry/ingest:latest@",
      "--cluster",
      "current",
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /not named by its digest/);
  });

  test("an image with a mended flaw is not pushed", async () => {
    edge.answer(
      { program: "npm", when: "" },
      { program: "docker", when: "build" },
      { program: "syft", when: "scan" },
      {
        program: "grype",
        when: "--fail-on high",
        code: 2,
        stderr: "discovered vulnerabilities at or above the severity threshold\n",
      },
    );
    const { code } = await build();
    assert.equal(code, 1);
    assert.deepEqual(called(/docker push|configure-docker/), []);
  });

  test("what is pushed is recorded by digest, and is not built a second time", async () => {
    const digest = `us-east4-docker.pkg.dev/example-project/isthmus/ingest@sha256:${"d".repeat(64)}`;
    edge.answer(
      {
        program: "docker",
        when: "image inspect",
        stdout: JSON.stringify([`elsewhere/ingest@sha256:${"e".repeat(64)}`, digest]),
      },
      { program: "docker", when: "" },
      { program: "syft", when: "scan" },
      { program: "grype", when: "" },
      { program: "gcloud", when: "auth configure-docker" },
    );
    const { code, stderr } = await build();
    assert.equal(code, 0, stderr);
    const list = `${edge.folder}/sbom/ingest.spdx.json`;
    const steps = edge.lines().filter((line) => /^(docker|syft|grype) /.test(line));
    assert.deepEqual(
      steps.map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["docker build", "syft scan", `grype sbom:${list}`, "docker push", "docker image"],
    );
    assert.ok(steps[1]?.endsWith(`--output spdx-json=${list}`));
    assert.equal(edge.object(`${state}/pipeline/images/ingest/${commit}`), `${digest}\n`);
    const before = edge.calls().length;
    assert.match((await build()).stdout, /there already/);
    assert.equal(edge.calls().length, before + 1);
  });

  const build = () => {
    // Bundling is npm's own affair; test/e2e/bundle.test.ts proves it.
    edge.standIn("npm", "exit 0");
    const args = ["--commit", commit, "--node-digest", `sha256:${"b".repeat(64)}`, "--sbom", `${edge.folder}/sbom`];
    return edge.step("build-images", args);
  };
});

suite("the function", () => {
  const smoke = (...args: string[]) =>
    edge.step("smoke-test", ["--record", "--commit", commit, "--poll-seconds", "0", "--attempts", "2", ...args]);
  const recorded = { commit: "2".repeat(40), ingest_image: image, function_version: "9" };

  test("a document that is not found rolls the function back to what last passed, and leaves nothing behind", async () => {
    const api = await startPublicApi(() => ["gs://example-project-isthmus-documents/another.md"]);
    try {
      tellFunction(edge, "12", api.url);
      tellJobs(edge, { exitCode: 0 });
      edge.putObject(`${state}/pipeline/deployed.json`, JSON.stringify(recorded));
      const { code, stderr } = await smoke();
      assert.equal(code, 1);
      assert.match(stderr, /was not found .* the function was rolled back from 12 to 9/);
      const [moved] = called(/update-alias/);
      assert.match(moved ?? "", /--function-name rag-query-api-dev-query .*--name live --function-version 9 /);
      assert.deepEqual(JSON.parse(edge.object(`${state}/pipeline/deployed.json`) ?? ""), recorded);
      assert.equal(called(/storage rm gs:\/\/example-project-isthmus-documents\/isthmus-smoke-test\//).length, 1);
    } finally {
      await api.close();
    }
  });

  test("a document that stays after its removal is a failure too", async () => {
    const uploads = () =>
      edge
        .calls()
        .filter(({ command }) => command === "storage cp")
        .map(({ positional }) => positional[1] ?? "");
    const api = await startPublicApi(uploads);
    try {
      tellFunction(edge, "12", api.url);
      tellJobs(edge, { exitCode: 0 });
      edge.putObject(`${state}/pipeline/images/ingest/${commit}`, image);
      const { code, stderr } = await smoke();
      assert.equal(code, 1);
      assert.match(stderr, /found but did not go away/);
      assert.equal(edge.object(`${state}/pipeline/deployed.json`), undefined);
    } finally {
      await api.close();
    }
  });

  test("going back by hand: to a version, to what last passed, or to the one before", async () => {
    const back = async (...args: string[]) => {
      const { code, stdout, stderr } = await edge.step("rollback", ["--what", "function", "--json", ...args]);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout).to;
    };
    tellFunction(edge, "12", "http://127.0.0.1:9");
    assert.equal(await back("--to", "3"), "3");
    // Numbers, not words: 10 comes after 9.
    assert.equal(await back(), "10");
    edge.putObject(`${state}/pipeline/deployed.json`, JSON.stringify(recorded));
    assert.equal(await back(), "9");
    assert.equal((await edge.step("rollback", ["--what", "function", "--to", "3; true"])).code, 1);
  });

  test("Weaviate goes back to a revision", async () => {
    edge.answer(
      { program: "kubectl", when: "updateRevision", stdout: "weaviate-5" },
      { program: "kubectl", when: "rollout" },
      { program: "kubectl", when: "get pods", stdout: '{"items":[]}' },
    );
    const args = ["--what", "weaviate", "--to", "4", "--cluster", "current"];
    for (const overlay of ["production", "starter", "starter-public"]) {
      const { code, stderr } = await edge.step("rollback", args, { ISTHMUS_OVERLAY: overlay });
      assert.equal(code, 0, stderr);
    }
    const undone = called(/undo/).map((line) => line.replace("kubectl -n isthmus rollout undo statefulset/", ""));
    assert.deepEqual(undone, ["weaviate --to-revision=4", ...Array(2).fill("weaviate-starter --to-revision=4")]);
  });
});
