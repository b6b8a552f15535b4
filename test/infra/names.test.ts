import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { goBinary } from "../peers/binaries.ts";
import { goPrograms } from "../peers/programs.ts";
import { resolveEnvironment } from "./environment.ts";
import { at, buildOverlay, listAt, type Manifest } from "./manifests.ts";

/** What stands outside of this repository too: in clients, in scripts of operators, in what a backup is called. */
const environmentOfBoth = {
  QUERY_DEFAULTS_LIMIT: "25",
  DEFAULT_VECTORIZER_MODULE: "none",
  ENABLE_MODULES: "backup-gcs",
  PERSISTENCE_DATA_PATH: "/var/lib/weaviate",
  AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: "false",
  AUTHENTICATION_APIKEY_ENABLED: "true",
  AUTHENTICATION_APIKEY_ALLOWED_KEYS: "accepted-keys",
  AUTHENTICATION_APIKEY_USERS: "accepted-users",
  AUTHORIZATION_RBAC_ENABLED: "true",
  AUTOSCHEMA_ENABLED: "false",
  DISABLE_TELEMETRY: "true",
  LIMIT_RESOURCES: "true",
  PROMETHEUS_MONITORING_ENABLED: "true",
  EXPERIMENTAL_OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
} as const;

const find = (manifests: readonly Manifest[], kind: string, name?: string) =>
  manifests.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name));

suite("names that stand as they are", { skip: (await goBinary(goPrograms.kustomize)).skip }, () => {
  for (const overlay of ["starter", "production"] as const) {
    test(`${overlay}: Weaviate's environment`, async () => {
      const environment = resolveEnvironment(await buildOverlay(overlay), (key) => key);
      const chosen = Object.keys(environmentOfBoth).map((name) => [name, environment[name]]);
      assert.deepEqual(Object.fromEntries(chosen), environmentOfBoth);
    });

    test(`${overlay}: the Service, its ports and the probes`, async () => {
      const manifests = await buildOverlay(overlay);
      const [set, service] = [find(manifests, "StatefulSet"), find(manifests, "Service", "weaviate-lb")];
      const container = at(set, "spec.template.spec.containers.0");
      const numbers = new Map(listAt(container, "ports").map((port) => [at(port, "name"), at(port, "containerPort")]));
      assert.deepEqual(
        listAt(service, "spec.ports").map((port) => [at(port, "port"), numbers.get(at(port, "targetPort"))]),
        [
          [80, 8080],
          [50051, 50051],
        ],
      );
      // `ready` fails in maintenance and without a quorum: it takes a node out of the load balancer, and never restarts it.
      for (const [probe, path] of [
        ["startupProbe", "live"],
        ["livenessProbe", "live"],
        ["readinessProbe", "ready"],
      ] as const) {
        assert.equal(at(container, `${probe}.httpGet.path`), `/v1/.well-known/${path}`, probe);
      }
      const secrets = listAt(set, "spec.template.spec.volumes").map((one) => at(one, "secret.secretName"));
      assert.ok(secrets.includes("weaviate-tls"));
    });
  }

  test("starter: one node on the claim weaviate-pvc", async () => {
    const manifests = await buildOverlay("starter");
    assert.equal(
      at(find(manifests, "PersistentVolumeClaim", "weaviate-pvc"), "spec.resources.requests.storage"),
      "50Gi",
    );
    const set = find(manifests, "StatefulSet");
    const claims = listAt(set, "spec.template.spec.volumes").map((one) => at(one, "persistentVolumeClaim.claimName"));
    assert.ok(claims.includes("weaviate-pvc"));
    assert.equal(at(set, "spec.replicas"), 1);
  });

  test("production: three nodes, each with a volume that can grow and outlives it", async () => {
    const manifests = await buildOverlay("production");
    const set = find(manifests, "StatefulSet", "weaviate");
    assert.equal(at(set, "spec.replicas"), 3);
    const [claim] = listAt(set, "spec.volumeClaimTemplates");
    const storage = find(manifests, "StorageClass", `${at(claim, "spec.storageClassName")}`) as unknown;
    assert.equal(at(storage, "allowVolumeExpansion"), true);
    assert.equal(at(storage, "reclaimPolicy"), "Retain");
  });
});
