import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { called, edgeFor } from "./drills.ts";
import type { Edge } from "./edge/edge.ts";
import { copyManifests } from "./installation.ts";

suite("Weaviate", () => {
  function putKeys(edge: Edge): void {
    for (const name of ["api-key", "writer-key", "reader-key"]) edge.putSecret(`weaviate-${name}`, `the-${name}`);
  }

  /** A cluster, with its keys, where all goes well up to the rollout. @param ready what its nodes answer then. @param wait how the first wait ends. */
  async function clusterFor(context: TestContext, ready = 200, wait = 0, edge = edgeFor(context)): Promise<Edge> {
    const node = createServer((_, response) => response.writeHead(ready).end());
    await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
    context.after(() => void node.close());
    edge.forwardTo((node.address() as AddressInfo).port);
    putKeys(edge);
    edge.answer(
      { program: "gcloud", when: "get-credentials" },
      { program: "kubectl", when: "get secret weaviate-secrets" },
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
      { program: "kubectl", when: "wait statefulset/weaviate", code: wait, times: 1 },
      { program: "kubectl", when: "wait statefulset/weaviate" },
    );
    return edge;
  }

  const deploy = (edge: Edge, ...args: string[]) =>
    edge.step("deploy-weaviate", ["--manifests", copyManifests(edge.folder), "--timeout", "1m", ...args]);

  test("a rollout that never becomes ready goes back, and its hanging pod with it", async (context) => {
    const edge = await clusterFor(context);
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
    const { code, stderr } = await deploy(edge);
    assert.equal(code, 1);
    assert.match(stderr, /did not become ready within 1m; it was rolled back/);
    assert.deepEqual(called(edge, /rollout undo/), ["kubectl -n isthmus rollout undo statefulset/weaviate"]);
    assert.deepEqual(called(edge, /delete/), ["kubectl -n isthmus delete pod weaviate-2 --wait=false"]);
    assert.equal(called(edge, /rollout status/).length, 2, "the way back is waited for too");
    const wait =
      "kubectl -n isthmus wait statefulset/weaviate --for=jsonpath={.status.availableReplicas}=3 --timeout=1m";
    assert.deepEqual(called(edge, / wait /), [wait]);
  });

  test("a rollout whose pods get ready and do not stay so goes back, too", async (context) => {
    const edge = await clusterFor(context, 200, 1);
    edge.answer(
      { program: "kubectl", when: "rollout status" },
      { program: "kubectl", when: "rollout undo" },
      { program: "kubectl", when: "controller-revision-hash=weaviate-77 -o json", stdout: '{"items":[]}' },
      { program: "kubectl", when: "get pods" },
      { program: "kubectl", when: "get events" },
    );
    const { code, stderr } = await deploy(edge);
    assert.equal(code, 1);
    assert.match(stderr, /did not become ready within 1m; it was rolled back/);
    assert.equal(called(edge, / wait /).length, 2);
  });

  test("a first rollout has nothing to go back to, and says both", async (context) => {
    const edge = await clusterFor(context);
    edge.answer(
      { program: "kubectl", when: "rollout status", code: 1, stderr: "error: timed out waiting for the condition\n" },
      { program: "kubectl", when: "rollout undo", code: 1, stderr: "error: no rollout history found\n" },
      { program: "kubectl", when: "get pods" },
      { program: "kubectl", when: "get events" },
    );
    const { code, stderr } = await deploy(edge);
    assert.equal(code, 1);
    assert.match(stderr, /did not become ready within 1m; it could not be rolled back: .*rollout undo/);
  });

  test("a node that is not ready after the rollout ends it", async (context) => {
    const edge = await clusterFor(context, 503);
    edge.answer({ program: "kubectl", when: "rollout status" });
    const { code, stderr } = await deploy(edge);
    assert.equal(code, 1);
    assert.match(stderr, /not ready: weaviate-0 \(503\), weaviate-1 \(503\), weaviate-2 \(503\)/);
  });

  test("what the API server refuses is not applied in part", async (context) => {
    const edge = edgeFor(context);
    putKeys(edge);
    edge.answer(
      { program: "gcloud", when: "get-credentials" },
      { program: "kubectl", when: "get secret weaviate-secrets" },
      { program: "kubectl", when: "get secret weaviate-tls" },
      { program: "kubectl", when: "kustomize", stdout: "kind: StatefulSet\n" },
      { program: "kubectl", when: "--dry-run=server -o name", code: 1, stderr: "Error from server (Invalid)\n" },
      { program: "kubectl", when: "apply" },
    );
    assert.equal((await deploy(edge)).code, 1);
    assert.deepEqual(
      called(edge, /apply .*manifests\.yaml$/).filter((line) => !line.includes("--dry-run")),
      [],
    );
  });

  test("a key with a line end is refused, and the Secret stays as it is", async (context) => {
    const edge = await clusterFor(context);
    edge.putSecret("weaviate-writer-key", "the-writer-key\n");
    const { code, stderr } = await deploy(edge);
    assert.equal(code, 1);
    assert.match(stderr, /version 1 of weaviate-writer-key is empty, or holds a space or a line end/);
    assert.deepEqual(called(edge, /apply .*-f -/), []);
  });

  test("the Secret is applied and never deleted, and the pods tell what they were started with", async (context) => {
    const edge = await clusterFor(context);
    edge.answer({ program: "kubectl", when: "rollout status" });
    const { stderr } = await deploy(edge);
    assert.match(stderr, /weaviate-2: ready answered 200/);
    const applied = edge.calls().filter(({ command }) => command === "apply");
    const secret = applied.map(({ input }) => input).find((input) => input.includes('"kind":"Secret"')) ?? "";
    assert.equal(JSON.parse(secret).metadata.name, "weaviate-secrets");
    assert.deepEqual(called(edge, /delete|replace/), []);
    const workload = applied.map(({ input }) => input).findLast((input) => input.includes("kind: StatefulSet"));
    const notes = parse(workload ?? "").spec.template.metadata.annotations;
    assert.match(notes["isthmus/keys"], /^[0-9a-f]{64}$/);
    assert.match(notes["isthmus/certificate"], /^[0-9a-f]{64}$/);
  });

  test("the load balancer stays where it leads to, where that is asked for", async (context) => {
    const edge = edgeFor(context);
    const service = "kind: Service\nmetadata:\n  labels:\n    isthmus/step: switch\n";
    edge.answer({
      program: "kubectl",
      when: "kustomize",
      stdout: `${service}---\nkind: StatefulSet\n---\nkind: ConfigMap\n`,
    });
    const held = await clusterFor(context, 200, 0, edge);
    edge.answer({ program: "kubectl", when: "rollout status" });
    assert.equal((await deploy(held, "--hold-switch")).code, 1, "its roles find no Weaviate");
    const [checked] = held.calls().filter(({ args }) => args.at(-1)?.endsWith("manifests.yaml"));
    const kinds = parseAllDocuments(checked?.input ?? "").map((document) => document.get("kind"));
    assert.deepEqual(kinds, ["StatefulSet", "ConfigMap"]);
  });

  test("the example's names and a floating image are refused before anything is called", async (context) => {
    const edge = await clusterFor(context);
    const { code, stderr } = await edge.step("deploy-weaviate");
    assert.equal(code, 1);
    assert.match(stderr, /still holds the example's names/);
    assert.deepEqual(edge.calls(), []);
  });
});
