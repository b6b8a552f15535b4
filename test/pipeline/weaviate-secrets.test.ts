import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { goBinary } from "../peers/binaries.ts";
import { type KubernetesApi, kubernetesMissing, startKubernetesApi } from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";
import { createEdge, type Edge } from "./edge/edge.ts";

const kubectl = await goBinary(goPrograms.kubectl);
const skip = kubectl.skip || (await kubernetesMissing());
const secrets = "/api/v1/namespaces/isthmus/secrets";

suite("Secret weaviate-secrets in a real API server", { skip }, () => {
  let api: KubernetesApi;
  let edge: Edge;
  before(async () => {
    api = await startKubernetesApi();
    edge = createEdge(["gcloud", "kubectl"]);
    edge.put("real.json", JSON.stringify({ kubectl: { path: kubectl.path ?? "", except: [] } }));
    const metadata = { name: "isthmus" };
    await api.send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  });
  after(async () => {
    edge?.remove();
    await api?.stop();
  });

  const bring = (...args: string[]) =>
    edge.run("scripts/ci/weaviate-secrets.sh", ["--project", "example-project", ...args], {
      KUBECONFIG: api.kubeconfig,
    });

  async function held(): Promise<{ uid: string; keys: Record<string, string> }> {
    const { status, body } = await api.send("GET", `${secrets}/weaviate-secrets`);
    assert.equal(status, 200, JSON.stringify(body));
    const { metadata, data } = body as { metadata: { uid: string }; data: Record<string, string> };
    const keys = Object.entries(data).map(([name, value]) => [name, Buffer.from(value, "base64").toString()]);
    return { uid: metadata.uid, keys: Object.fromEntries(keys) };
  }

  test("it is made, then brought up to date, and never made anew; what others put there stays", async () => {
    for (const name of ["api-key", "writer-key", "reader-key"]) edge.putSecret(`weaviate-${name}`, `first-${name}`);
    const tried = await bring("--dry-run");
    assert.equal(tried.code, 0, tried.stderr);
    assert.equal((await api.send("GET", `${secrets}/weaviate-secrets`)).status, 404, "a dry run makes nothing");

    const made = await bring();
    assert.equal(made.code, 0, made.stderr);
    const first = await held();
    assert.deepEqual(first.keys, {
      "api-key": "first-api-key",
      "writer-key": "first-writer-key",
      "reader-key": "first-reader-key",
    });

    // As a rotation does (docs/operations/rotate-keys.md): a second key beside the first.
    const merge = "application/merge-patch+json";
    const next = { stringData: { "reader-key-next": "second-reader-key", other: "of-another-hand" } };
    assert.equal((await api.send("PATCH", `${secrets}/weaviate-secrets`, next, merge)).status, 200);
    edge.putSecret("weaviate-reader-key", "second-reader-key");
    // The newest version is the next key: brought in now, Weaviate would be given it twice, and would not start.
    const during = await bring();
    assert.equal(during.code, 0, during.stderr);
    assert.match(during.stdout, /a rotation is in hand/);
    assert.equal((await held()).keys["reader-key"], "first-reader-key");

    const ended = { data: { "reader-key-next": null } };
    assert.equal((await api.send("PATCH", `${secrets}/weaviate-secrets`, ended, merge)).status, 200);
    const updated = await bring();
    assert.equal(updated.code, 0, updated.stderr);
    const second = await held();
    assert.equal(second.uid, first.uid);
    assert.deepEqual(second.keys, { ...first.keys, "reader-key": "second-reader-key", other: "of-another-hand" });
    assert.doesNotMatch(`${updated.stdout}${updated.stderr}`, /second-reader-key/);
  });
});
