import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { goBinary } from "../peers/binaries.ts";
import { checkovBinary } from "../peers/checkov.ts";
import { goPrograms } from "../peers/programs.ts";
import { checkov, kubeScore, unwaived, type Waivers } from "./checkers.ts";
import { buildOverlay, overlays, readJob, replaceIn } from "./manifests.ts";
import { violations } from "./rules.ts";

const skip = (await goBinary(goPrograms.kustomize)).skip;
const isPublic = (overlay: string) => overlay.endsWith("-public");

suite("the manifests' own rules", { skip }, () => {
  for (const overlay of overlays) {
    test(`${overlay} keeps them`, async () => {
      assert.deepEqual(violations(await buildOverlay(overlay), { public: isPublic(overlay) }), []);
    });
  }

  test("the ingestion Job keeps them", () => assert.deepEqual(violations([readJob()]), []));

  test("a Job that ends all shares for one, or restarts in place, breaks them", () => {
    const job = (from: string, to: string) => violations([readJob((text) => text.replace(from, to))]).join();
    assert.match(job("completions: 1", "completions: 1\n  maxFailedIndexes: 1"), /gives up/);
    assert.match(job("restartPolicy: Never", "restartPolicy: OnFailure"), /restarts containers in place/);
  });

  const production = "overlays/production";
  const mutants = [
    [
      "a public load balancer",
      "base/service.yaml",
      "load-balancer-type: Internal",
      "note: none",
      /public load balancer/,
    ],
    ["a node port", "base/service.yaml", "type: LoadBalancer", "type: NodePort", /opens a port of every node/],
    [
      "a literal key",
      "base/weaviate.yaml",
      "valueFrom: { secretKeyRef: { name: weaviate-secrets, key: accepted-keys } }",
      "value: letmein",
      /spells out the value of AUTHENTICATION_APIKEY_ALLOWED_KEYS/,
    ],
    [
      "a literal password among the nodes",
      "base/weaviate.yaml",
      "valueFrom: { secretKeyRef: { name: weaviate-secrets, key: cluster-password } }",
      "value: letmein",
      /spells out the value of CLUSTER_BASIC_AUTH_PASSWORD/,
    ],
    [
      "a key among its versions",
      "base/settings.env",
      "READER_KEY_VERSIONS=1",
      "READER_KEY_VERSIONS=letmein",
      /READER_KEY/,
    ],
    [
      "a load balancer that hides who calls",
      "base/service.yaml",
      "externalTrafficPolicy: Local",
      "externalTrafficPolicy: Cluster",
      /hides the client's address/,
    ],
    [
      "pods that get no token",
      "base/network-policies.yaml",
      "cidr: 169.254.169.254/32",
      "cidr: 169.254.169.253/32",
      /metadata server at 169\.254\.169\.254/,
    ],
    [
      "pods that get no token without Dataplane V2",
      "base/network-policies.yaml",
      "port: 988",
      "port: 987",
      /metadata server at 169\.254\.169\.252/,
    ],
    ["a key in the settings", "base/settings.env", "WEAVIATE_TRACING", "API_KEY=letmein\nWEAVIATE_TRACING", /API_KEY/],
    ["an image without a digest", "base/settings.env", /@sha256:\w+/, "", /not pinned by digest/],
    [
      "a namespace that lets pods do anything",
      "base/namespace.yaml",
      "enforce: restricted",
      "enforce: baseline",
      /Pod Security/,
    ],
    [
      "no default deny",
      "base/network-policies.yaml",
      "policyTypes: [Ingress, Egress]",
      "policyTypes: [Ingress]",
      /denies by default/,
    ],
    [
      "a load balancer of one region",
      "base/service.yaml",
      'global-access: "true"',
      'global-access: "false"',
      /own region/,
    ],
    [
      "a load balancer that admits the whole network",
      "base/service.yaml",
      / {2}loadBalancerSourceRanges:\n(?: {4}- .*\n)+/,
      "",
      /admits every address/,
    ],
    [
      "pods that wait for each other",
      "base/weaviate.yaml",
      "Policy: Parallel",
      "Policy: OrderedReady",
      /wait for each/,
    ],
    [
      "names that wait for readiness",
      "base/service-headless.yaml",
      "publishNotReadyAddresses: true",
      "publishNotReadyAddresses: false",
      /cannot find each other/,
    ],
    ["a Raft of one", `${production}/weaviate.yaml`, 'EXPECT, value: "3"', 'EXPECT, value: "1"', /EXPECT is not 3/],
    ["a node that nobody expects", `${production}/weaviate.yaml`, ",weaviate-2", "", /RAFT_JOIN is not/],
    ["fewer copies", `${production}/weaviate.yaml`, 'FACTOR, value: "3"', 'FACTOR, value: "1"', /FACTOR is not 3/],
    ["all nodes in one zone", `${production}/weaviate.yaml`, "DoNotSchedule", "ScheduleAnyway", /in one zone/],
    [
      "two nodes on one machine",
      `${production}/weaviate.yaml`,
      "topologyKey: kubernetes.io/hostname",
      "topologyKey: topology.kubernetes.io/region",
      /share a machine/,
    ],
    [
      "a budget for other pods",
      `${production}/disruption-budget.yaml`,
      "instance: production",
      "instance: starter",
      /no budget/,
    ],
  ] as const;
  for (const [what, file, from, to, fault] of mutants) {
    test(`${what} breaks them`, async () => {
      const found = violations(await buildOverlay("production", (folder) => replaceIn(join(folder, file), from, to)));
      assert.ok(
        found.some((one) => fault.test(one)),
        found.join("\n") || "nothing was found",
      );
    });
  }

  test("on the internet, plain HTTP and open ranges break them", async () => {
    const file = (folder: string) => join(folder, "components/public/service.yaml");
    const open = await buildOverlay("starter-public", (folder) => replaceIn(file(folder), "192.0.2.0/24", "0.0.0.0/0"));
    assert.match(violations(open, { public: true }).join(), /admits every address/);
    const plain = await buildOverlay("starter-public", (folder) =>
      replaceIn(file(folder), "- $patch: delete\n      port: 80\n      protocol: TCP\n    ", ""),
    );
    assert.match(violations(plain, { public: true }).join(), /plain HTTP/);
  });
});

const kubeScoreWaivers: Waivers = {
  "container-image-pull-policy":
    "an image pinned by digest is the same whenever it is pulled; a registry that is down must not stop a restart",
};

const checkovWaivers: Waivers = {
  CKV_K8S_35: "Weaviate takes its keys from the environment only",
};

suite("kube-score", { skip: skip || (await goBinary(goPrograms.kubeScore)).skip }, () => {
  for (const overlay of overlays) {
    test(`${overlay}: nothing beyond the waivers`, async () => {
      assert.deepEqual(unwaived(await kubeScore([...(await buildOverlay(overlay)), readJob()]), kubeScoreWaivers), {
        found: [],
        stale: [],
      });
    });
  }

  const mutants = [
    ["a missing probe", / {10}readinessProbe:\n(?: {12}.*\n)+/, "", "pod-probes"],
    [
      "a privileged container",
      "allowPrivilegeEscalation: false",
      "privileged: true",
      "container-security-context-privileged",
    ],
    ["no memory limit", "limits: { cpu: 3500m, memory: 10Gi,", "limits: { cpu: 3500m,", "container-resources"],
  ] as const;
  for (const [what, from, to, rule] of mutants) {
    test(`${what} is found`, async () => {
      const file = rule === "container-resources" ? "overlays/production/weaviate.yaml" : "base/weaviate.yaml";
      const mutant = await buildOverlay("production", (folder) => replaceIn(join(folder, file), from, to));
      const { found } = unwaived(await kubeScore(mutant), kubeScoreWaivers);
      assert.ok(
        found.some((one) => one.startsWith(rule)),
        found.join("\n") || "nothing was found",
      );
    });
  }
});

suite("checkov", { skip: skip || checkovBinary().skip }, () => {
  test("nothing beyond the waivers, in all overlays and the Job", async () => {
    const manifests = (await Promise.all(overlays.map((overlay) => buildOverlay(overlay)))).flat();
    assert.deepEqual(unwaived(await checkov([...manifests, readJob()]), checkovWaivers), { found: [], stale: [] });
  });

  test("a privileged container that runs as root is found", async () => {
    const mutant = await buildOverlay("production", (folder) => {
      replaceIn(join(folder, "base/weaviate.yaml"), "allowPrivilegeEscalation: false", "privileged: true");
    });
    const { found } = unwaived(await checkov(mutant), checkovWaivers);
    assert.ok(
      found.some((one) => one.startsWith("CKV_K8S_16")),
      found.join("\n") || "nothing was found",
    );
  });
});
