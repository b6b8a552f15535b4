import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { goBinary } from "../peers/binaries.ts";
import { checkovBinary } from "../peers/checkov.ts";
import {
  type KubernetesAnswer,
  type KubernetesApi,
  kubernetesMissing,
  startKubernetesApi,
} from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";
import { checkov, kubeScore, unwaived } from "./checkers.ts";
import { type Cluster, createCluster, podOf } from "./cluster.ts";
import { at, buildEvents, buildOverlay, eventShapes, listAt, type Manifest, readJob, replaceIn } from "./manifests.ts";
import { violations } from "./rules.ts";

const skip = (await goBinary(goPrograms.kustomize)).skip;
const scoreSkip = (await goBinary(goPrograms.kubeScore)).skip;
const waivers = {
  "container-image-pull-policy":
    "an image pinned by digest is the same whenever it is pulled; a registry that is down must not stop a restart",
};

const starterWaivers = {
  "horizontalpodautoscaler-replicas":
    "one worker is what the smallest bill has; while it moves, events wait and none is lost",
};

const find = (manifests: readonly Manifest[], kind: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind);
  assert.ok(found, kind);
  return found;
};
const selects = (manifest: Manifest, path: string) => at(manifest, `${path}.matchLabels`);

suite("workers and the nightly comparison", { skip }, () => {
  for (const shape of eventShapes) {
    test(`${shape} keeps our own rules, in the namespace that Weaviate's overlay makes`, async () => {
      const overlay = await buildOverlay(shape);
      const events = await buildEvents(shape);
      assert.deepEqual(violations([...overlay, ...events]), []);
      assert.ok(events.every(({ metadata }) => metadata.namespace === "isthmus"));
      const settings = find(overlay, "ConfigMap").data ?? {};
      for (const kind of ["Deployment", "CronJob"]) {
        for (const [, key = ""] of JSON.stringify(find(events, kind)).matchAll(
          /"configMapKeyRef":{[^}]*"key":"(\w+)"/g,
        )) {
          assert.ok(key in settings, `${kind}: ${key}`);
        }
      }
    });

    test(`${shape}: the budget, the autoscaler and the policies are of these very pods, and Weaviate lets them in`, async () => {
      const overlay = await buildOverlay(shape);
      const events = await buildEvents(shape);
      const worker = find(events, "Deployment");
      const labels = at(worker, "spec.template.metadata.labels") as Record<string, string>;
      assert.deepEqual(selects(find(events, "PodDisruptionBudget"), "spec.selector"), {
        "app.kubernetes.io/name": "ingest-worker",
      });
      assert.equal(labels["app.kubernetes.io/name"], "ingest-worker");
      const scaler = find(events, "HorizontalPodAutoscaler");
      assert.equal(at(scaler, "spec.scaleTargetRef.name"), worker.metadata.name);
      assert.equal(at(scaler, "spec.metrics.0.resource.name"), "cpu");
      assert.equal(at(worker, "spec.replicas"), undefined, "or every deployment undoes what the autoscaler did");
      const [least, most] = [Number(at(scaler, "spec.minReplicas")), Number(at(scaler, "spec.maxReplicas"))];
      assert.ok(least >= (shape === "production" ? 2 : 1) && most > least);
      const names = ["ingest-worker", "reconcile"];
      assert.deepEqual(listAt(find(events, "NetworkPolicy"), "spec.podSelector.matchExpressions.0.values"), names);
      const weaviate = overlay.find(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "weaviate");
      const admitted = listAt(weaviate, "spec.ingress.0.from.0.podSelector.matchExpressions.0.values");
      for (const name of names) assert.ok(admitted.includes(name), name);
    });

    test(`${shape}: a worker has time to give back what it has in hand, and less than its pod is given`, async () => {
      for (const manifest of [find(await buildEvents(shape), "Deployment")]) {
        const pod = at(manifest, "spec.template.spec");
        const grace = listAt(pod, "containers.0.env").find((one) => at(one, "name") === "ISTHMUS_GRACE_SECONDS");
        assert.ok(Number(at(grace, "value")) < Number(at(pod, "terminationGracePeriodSeconds")));
      }
    });

    test(`${shape}: kube-score finds nothing beyond the waivers`, { skip: scoreSkip }, async () => {
      const manifests = [...(await buildOverlay(shape)), ...(await buildEvents(shape)), readJob()];
      const more = shape === "starter" ? starterWaivers : {};
      assert.deepEqual(unwaived(await kubeScore(manifests), { ...waivers, ...more }), { found: [], stale: [] });
    });
  }

  test("checkov finds nothing", { skip: checkovBinary().skip }, async () => {
    const { found } = unwaived(await checkov(await buildEvents("production")), {});
    assert.deepEqual(found, []);
  });

  test("an unpinned image and a literal key break the rules", async () => {
    const mutant = async (from: string, to: string) =>
      violations(
        await buildEvents("production", (folder) => replaceIn(join(folder, "events/base/worker.yaml"), from, to)),
      );
    assert.match((await mutant("image: WORKER_IMAGE", "image: worker:latest")).join(), /not pinned by digest/);
    const key = "{ name: WEAVIATE_API_KEY_FILE, value: /etc/isthmus/weaviate/writer-key }";
    assert.match((await mutant(key, "{ name: WEAVIATE_API_KEY, value: letmein }")).join(), /spells out/);
  });
});

suite("workers in a real API server", { skip: skip || (await kubernetesMissing()) }, () => {
  let api: KubernetesApi;
  let cluster: Cluster;
  before(async () => {
    api = await startKubernetesApi();
    cluster = createCluster(api);
    for (const manifest of await buildOverlay("starter")) {
      if (["Namespace", "ServiceAccount"].includes(manifest.kind)) taken(await cluster.apply(manifest), manifest);
    }
  });
  after(() => api.stop());

  for (const shape of eventShapes) {
    test(`${shape}: every object passes a strict server-side dry run, and restricted Pod Security lets the pods in`, async () => {
      const manifests = await buildEvents(shape);
      assert.deepEqual(manifests.map(({ kind }) => kind).sort(), [
        "CronJob",
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
      ]);
      for (const manifest of manifests) taken(await cluster.apply(manifest, { dryRun: true }), manifest);
      const job = find(manifests, "CronJob");
      const template = { ...job, spec: at(job, "spec.jobTemplate.spec") };
      for (const pod of [podOf(find(manifests, "Deployment")), podOf(template)]) {
        assert.ok(pod);
        taken(await cluster.create(pod, { dryRun: true }), pod);
      }
    });
  }

  test("a misspelt field is refused", async () => {
    const mutant = await buildEvents("production", (folder) =>
      replaceIn(join(folder, "events/base/autoscaler.yaml"), "maxReplicas", "mostReplicas"),
    ).catch(() => undefined);
    // kustomize's own patch may be the first to miss the field.
    if (mutant === undefined) return;
    const answer = await cluster.apply(find(mutant, "HorizontalPodAutoscaler"), { dryRun: true });
    assert.notEqual(answer.status, 200);
  });
});

function taken({ status, body }: KubernetesAnswer, { kind, metadata }: Manifest): void {
  assert.ok(status === 200 || status === 201, `${kind} ${metadata.name}: ${JSON.stringify(body)}`);
}
