import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { parse } from "yaml";
import { goBinary } from "../peers/binaries.ts";
import {
  type KubernetesAnswer,
  type KubernetesApi,
  kubernetesMissing,
  startKubernetesApi,
} from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";
import { createDesk } from "../support/cli.ts";
import { type Cluster, createCluster, podOf } from "./cluster.ts";
import { at, buildOverlay, buildTelemetry, listAt, type Manifest, overlays, readJob, replaceIn } from "./manifests.ts";

const skip = (await goBinary(goPrograms.kustomize)).skip || (await kubernetesMissing());

suite("manifests in a real API server", { skip }, () => {
  let api: KubernetesApi;
  let cluster: Cluster;

  before(async () => {
    api = await startKubernetesApi();
    cluster = createCluster(api);
    // A dry run keeps nothing, and what lives in a namespace needs it; pods need their service account.
    for (const manifest of await buildOverlay("starter")) {
      if (["Namespace", "ServiceAccount"].includes(manifest.kind)) taken(await cluster.apply(manifest), manifest);
    }
  });
  after(() => api.stop());

  for (const overlay of overlays) {
    test(`${overlay}: every object passes a strict server-side dry run`, async () => {
      const manifests = await buildOverlay(overlay);
      assert.ok(manifests.length >= 10, `${manifests.length} objects`);
      for (const manifest of manifests) taken(await cluster.apply(manifest, { dryRun: true }), manifest);
    });

    test(`${overlay}: restricted Pod Security lets every pod in`, async () => {
      const pods = (await buildOverlay(overlay)).map(podOf).filter((pod) => pod !== undefined);
      assert.equal(pods.length, 1);
      for (const pod of pods) taken(await cluster.create(pod, { dryRun: true }), pod);
    });
  }

  test("the ingestion Job and its pod are let in, and each run is a new object", async () => {
    const job = readJob();
    taken(await cluster.create(job, { dryRun: true }), job);
    const pod = podOf(job);
    assert.ok(pod);
    taken(await cluster.create(pod, { dryRun: true }), pod);
    const names = [await cluster.create(job), await cluster.create(job)].map(({ body }) => at(body, "metadata.name"));
    assert.notEqual(names[0], names[1]);
  });

  test("the Job that `isthmus doctor --from pod` makes of the same file is let in too", async () => {
    const desk = createDesk();
    try {
      const made = join(desk.folder, "job.yaml");
      // What it hands to kubectl is kept, for the API server to judge.
      const finding = '{"check": "weaviate dns", "level": "ok", "message": "here"}';
      const script = `#!/bin/sh\ncase "$1" in create) cat > "${made}"; echo job.batch/doctor-1 ;; logs) echo '${finding}' ;; esac\n`;
      writeFileSync(join(desk.folder, "kubectl"), script, { mode: 0o755 });
      desk.environment["PATH"] = `${desk.folder}${delimiter}${process.env["PATH"]}`;
      const image = `${at(readJob(), "spec.template.spec.containers.0.image")}`;
      const doctor = await desk.run("doctor", "--from", "pod", "--image", image);
      assert.equal(doctor.code, 0, doctor.stderr);
      const job: Manifest = parse(readFileSync(made, "utf8"));
      assert.deepEqual(at(job, "spec.template.spec.containers.0.args"), ["doctor"]);
      taken(await cluster.create(job, { dryRun: true }), job);
    } finally {
      await desk.clear();
    }
  });

  test("the collector of infra/k8s/telemetry is taken, its pod let in, and the base lets Weaviate and the Job reach it", async () => {
    const manifests = await buildTelemetry();
    for (const manifest of manifests) {
      if (manifest.kind === "ServiceAccount") taken(await cluster.apply(manifest), manifest);
      else taken(await cluster.apply(manifest, { dryRun: true }), manifest);
    }
    const pods = manifests.map(podOf).filter((pod) => pod !== undefined);
    assert.equal(pods.length, 1);
    for (const pod of pods) taken(await cluster.create(pod, { dryRun: true }), pod);
    const policy = manifests.find(
      ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "otel-collector",
    );
    const base = (await buildOverlay("production")).filter(({ kind }) => kind === "NetworkPolicy");
    const named = JSON.stringify(at(policy, "spec.podSelector.matchLabels"));
    assert.ok(base.some((one) => JSON.stringify(listAt(one, "spec.egress")).includes(named)));
  });

  test("the Job does not try exit code 2 again", () => {
    const rules = listAt(readJob(), "spec.podFailurePolicy.rules");
    const rule = rules.find((one) => listAt(one, "onExitCodes.values").includes(2));
    assert.equal(at(rule, "action"), "FailIndex");
    assert.equal(at(readJob(), "spec.template.spec.restartPolicy"), "Never");
  });

  test("a misspelt field is refused", async () => {
    const mutant = await buildOverlay("production", (folder) =>
      replaceIn(join(folder, "base/weaviate.yaml"), "readinessProbe:", "readinesProbe:"),
    );
    const answer = await cluster.apply(workload(mutant), { dryRun: true });
    assert.notEqual(answer.status, 200);
    assert.match(`${answer.body["message"]}`, /readinesProbe/);
    const job = await cluster.create(
      readJob((text) => text.replace("podFailurePolicy:", "podFailurePolici:")),
      { dryRun: true },
    );
    assert.notEqual(job.status, 201);
    assert.match(`${job.body["message"]}`, /podFailurePolici/);
  });

  test("a privileged pod, a root user and a writable escalation are refused", async () => {
    const mutants = [
      ["allowPrivilegeEscalation: false", "privileged: true", /privileged/],
      ["runAsUser: 10001", "runAsUser: 0", /runAsUser/],
      ["runAsNonRoot: true", "runAsNonRoot: false", /runAsNonRoot/],
      ["allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", /allowPrivilegeEscalation/],
      ["seccompProfile: { type: RuntimeDefault }", "seccompProfile: { type: Unconfined }", /seccompProfile/],
      ["emptyDir: { sizeLimit: 1Gi }", "hostPath: { path: /tmp }", /hostPath/],
    ] as const;
    for (const [from, to, reason] of mutants) {
      const mutant = await buildOverlay("production", (folder) =>
        replaceIn(join(folder, "base/weaviate.yaml"), from, to),
      );
      const pod = podOf(workload(mutant));
      assert.ok(pod);
      const answer = await cluster.create(pod, { dryRun: true });
      assert.equal(answer.status, 403, `${to}: ${answer.body["message"]}`);
      assert.match(`${answer.body["message"]}`, reason);
    }
  });

  test("from starter to production: the load balancer moves last, and only when told", async () => {
    const starter = await buildOverlay("starter");
    const production = await buildOverlay("production");
    const lateSteps = (manifest: Manifest) => manifest.metadata.labels?.["isthmus/step"] === "switch";
    for (const manifest of starter) taken(await cluster.apply(manifest), manifest);
    // kubectl apply --server-side -k infra/k8s/overlays/production -l 'isthmus/step!=switch'
    for (const manifest of production.filter((one) => !lateSteps(one))) taken(await cluster.apply(manifest), manifest);
    const loadBalancer = production.find((one) => one.metadata.name === "weaviate-lb");
    assert.ok(loadBalancer);
    const instance = async () =>
      at((await cluster.get(loadBalancer)).body, "spec.selector")?.["app.kubernetes.io/instance" as never];
    assert.equal(await instance(), "starter");
    // Both clusters are there, each with its own volumes.
    for (const overlay of [starter, production]) assert.equal((await cluster.get(workload(overlay))).status, 200);
    for (const manifest of production.filter(lateSteps)) taken(await cluster.apply(manifest), manifest);
    assert.equal(await instance(), "production");
  });
});

function workload(manifests: readonly Manifest[]): Manifest {
  const found = manifests.find(({ kind }) => kind === "StatefulSet");
  assert.ok(found);
  return found;
}

function taken(answer: KubernetesAnswer, manifest: Manifest): void {
  const name = `${manifest.kind} ${manifest.metadata.name ?? manifest.metadata.generateName}`;
  assert.ok([200, 201].includes(answer.status), `${name}: ${answer.status} ${answer.body["message"]}`);
  assert.deepEqual(answer.warnings, [], name);
}
