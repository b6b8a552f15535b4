import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { called, commit, edgeFor, state } from "./drills.ts";
import type { Edge } from "./edge/edge.ts";
import { copyManifests } from "./installation.ts";

const images = Object.fromEntries(
  ["ingest", "worker"].map((kind, index) => [kind, `registry/isthmus/${kind}@sha256:${`${index + 1}`.repeat(64)}`]),
);
const manifest = "kind: Deployment\nimage: WORKER_IMAGE\n---\nkind: CronJob\nimage: INGEST_IMAGE\n";

suite("workers", () => {
  /** A cluster and a public API where all goes well. @param found whether the API finds what was uploaded while it is there. */
  async function clusterFor(context: TestContext, found = true) {
    const edge = edgeFor(context);
    for (const [kind, image] of Object.entries(images))
      edge.putObject(`${state}/pipeline/images/${kind}/${commit}`, `${image}\n`);
    const api = createServer((_, response) => {
      const uploaded = called(edge, /storage cp .* gs:\/\//)[0] ?? "";
      const removed = called(edge, /storage rm/).length > 0;
      const [uri = ""] = /gs:\/\/\S+/.exec(uploaded) ?? [];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ results: found && !removed ? [{ source: { uri } }] : [] }));
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    context.after(() => void api.close());
    edge.put("key", "the-key");
    edge.answer(
      { program: "gcloud", when: "get-credentials" },
      { program: "kubectl", when: "kustomize", stdout: manifest },
      { program: "kubectl", when: "apply" },
      { program: "kubectl", when: "rollout undo" },
      { program: "kubectl", when: "get pods" },
    );
    return { edge, url: `http://127.0.0.1:${(api.address() as AddressInfo).port}` };
  }

  const deploy = (edge: Edge, url: string, ...args: string[]) =>
    edge.step("deploy-worker", [
      ...["--manifests", copyManifests(edge.folder), "--commit", commit, "--api-url", url],
      ...["--api-key-file", `${edge.folder}/key`, "--poll-seconds", "0", "--attempts", "2", "--timeout", "1m", ...args],
    ]);

  test("are deployed by digest, and proven by a document that comes and goes without a Job", async (context) => {
    const { edge, url } = await clusterFor(context);
    edge.answer({ program: "kubectl", when: "rollout status" });
    const { code, stdout, stderr } = await deploy(edge, url);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /a document came and went/);
    assert.deepEqual(called(edge, /rollout undo|kubectl .*create/), []);
    assert.equal(called(edge, /apply .*--dry-run=server/).length, 1, "checked before it is applied");
    assert.equal(called(edge, /storage (cp|rm)/).length, 2);
  });

  test("that never become ready go back", async (context) => {
    const { edge, url } = await clusterFor(context);
    edge.answer(
      { program: "kubectl", when: "rollout status", code: 1, stderr: "error: timed out\n", times: 1 },
      { program: "kubectl", when: "rollout status" },
    );
    const { code, stderr } = await deploy(edge, url);
    assert.equal(code, 1);
    assert.match(stderr, /did not become ready within 1m; it was rolled back/);
    assert.deepEqual(called(edge, /storage cp/), []);
  });

  test("that do not hear of a document go back, and the document goes", async (context) => {
    const { edge, url } = await clusterFor(context, false);
    edge.answer({ program: "kubectl", when: "rollout status" });
    const { code, stderr } = await deploy(edge, url);
    assert.equal(code, 1);
    assert.match(stderr, /was not found .*was rolled back to the revision before/);
    assert.equal(called(edge, /storage rm/).length, 1);
  });

  test("are tried without changing anything", async (context) => {
    const { edge, url } = await clusterFor(context);
    const { code, stdout, stderr } = await deploy(edge, url, "--dry-run");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /would take ingest-worker/);
    assert.deepEqual(called(edge, /rollout|storage cp/), []);
  });

  test("go back by hand", async (context) => {
    const { edge } = await clusterFor(context);
    edge.answer({ program: "kubectl", when: "rollout status" });
    const { code, stdout, stderr } = await edge.step("rollback", ["--what", "worker", "--to", "3"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /ingest-worker is at revision 3/);
    assert.equal(called(edge, /rollout undo deployment\/ingest-worker --to-revision=3/).length, 1);
  });
});
