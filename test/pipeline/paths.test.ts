import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { bundleProgram } from "../../scripts/bundle/esbuild.ts";
import { parametersOf, readExcluded, readRules } from "../../scripts/ci/mapping.ts";
import { root } from "../../scripts/run.ts";
import { readConfig, readWorkflows } from "./config.ts";
import { jobsFor, parametersFor } from "./rules.ts";

const infrastructure = [
  "plan_gke_infrastructure",
  "plan_aws_infrastructure",
  "approve_gke_infrastructure",
  "apply_gke_infrastructure",
  "approve_aws_infrastructure",
  "apply_aws_infrastructure",
  "plan_link_infrastructure",
  "approve_link_infrastructure",
  "apply_link_infrastructure",
];
const weaviate = ["deploy_weaviate_to_gke"];
const ingestion = ["build_images", "run_ingestion", "deploy_worker"];
const lambda = ["deploy_query_lambda"];
const [tests, smoke, rehearsal] = [["build_and_test"], ["smoke_test"], ["rehearse"]];

/** What a push to main with these paths runs, and nothing else. */
const table: readonly (readonly [paths: readonly string[], jobs: readonly string[]])[] = [
  [["infra/terraform/gcp/main.tf"], [...tests, ...infrastructure, ...smoke]],
  [["infra/terraform/modules/ha-vpn/variables.tf"], [...tests, ...infrastructure, ...smoke]],
  [["infra/terraform/modules/ha-vpn/tests/vpn.tftest.hcl"], tests],
  [["infra/k8s/base/weaviate.yaml"], [...tests, ...weaviate, ...smoke]],
  // The Weaviate version is here.
  [["infra/k8s/base/settings.env"], [...tests, ...weaviate, ...smoke]],
  [["infra/k8s/overlays/production/weaviate.yaml"], [...tests, ...weaviate, ...smoke]],
  [["infra/k8s/components/public/service.yaml"], [...tests, ...weaviate, ...smoke]],
  [["infra/weaviate/roles.json"], [...tests, ...weaviate, ...smoke]],
  [["infra/k8s/ingest/job.yaml"], [...tests, ...ingestion, ...smoke]],
  [["infra/k8s/events/base/worker.yaml"], [...tests, ...ingestion, ...smoke]],
  [["infra/images/ingest.Dockerfile"], [...tests, ...ingestion, ...smoke]],
  [["infra/images/worker.Dockerfile"], [...tests, ...ingestion, ...smoke]],
  [
    ["src/entry/ingest-worker.ts", "src/entry/worker/run.ts"],
    [...tests, ...ingestion, ...smoke],
  ],
  [["src/entry/ingest-job.ts"], [...tests, ...ingestion, ...smoke]],
  [["src/entry/job/run.ts"], [...tests, ...ingestion, ...smoke]],
  [["src/core/ingest/run.ts"], [...tests, ...ingestion, ...lambda, ...smoke]],
  [["models/all-MiniLM-L6-v2/model_int8.onnx"], [...tests, ...ingestion, ...lambda, ...smoke]],
  [["package-lock.json"], [...tests, ...ingestion, ...lambda, ...smoke]],
  [["src/entry/lambda.ts"], [...tests, ...lambda, ...smoke]],
  [["src/http/app.ts"], [...tests, ...lambda, ...smoke]],
  [["src/telemetry/tracer.ts"], [...tests, ...ingestion, ...lambda, ...smoke]],
  // By choice, and applied by hand.
  [["infra/k8s/telemetry/collector.yaml", "infra/observability/rules.yaml"], tests],
  // The gateway gives the page.
  [["console/built/app.js"], [...tests, ...lambda, ...smoke]],
  [["infra/serverless.yml"], [...tests, ...lambda, ...smoke]],
  [["infra/serverless/role.yml"], [...tests, ...lambda, ...smoke]],
  [["src/http/trace.test.ts", "src/core/lazy.test.ts", "src/adapters/store/store.contract.ts"], tests],
  // Documents only: nothing is deployed.
  [["README.md", "docs/api.md", "docs/adr/0004-hono.md", "infra/terraform/modules/ha-vpn/README.md"], tests],
  [["src/entry/cli.ts", "src/entry/commands/serve.ts", "console/src/main.ts", "bench/main.ts", "LICENSE"], tests],
  // The pipeline itself: everything is tested, nothing is deployed.
  [[".circleci/continue.yml"], [...tests, ...rehearsal]],
  [[".circleci/paths.conf"], [...tests, ...rehearsal]],
  [["scripts/ci.ts"], [...tests, ...rehearsal]],
  [["scripts/ci/commands/smoke-test.ts"], [...tests, ...rehearsal]],
  [["scripts/ci/weaviate-keys.ts"], [...tests, ...rehearsal]],
  [["scripts/rehearse.ts"], [...tests, ...rehearsal]],
  [["test/rehearsal/scenes.ts"], [...tests, ...rehearsal]],
  [["test/cluster/place.ts"], [...tests, ...rehearsal]],
  [["test/pipeline/edge/flags.json"], [...tests, ...rehearsal]],
  [
    ["infra/terraform/aws/main.tf", "infra/k8s/base/weaviate.yaml", "src/core/types.ts"],
    [...tests, ...infrastructure, ...weaviate, ...ingestion, ...lambda, ...smoke],
  ],
  [[], tests],
];

for (const [paths, jobs] of table) {
  test(`main, ${paths.join(" and ") || "nothing"}: exactly the jobs that it takes`, () => {
    assert.deepEqual(jobsFor({ branch: "main", parameters: parametersFor(paths) }).sort(), [...jobs].sort());
  });
}

const everything = Object.fromEntries(parametersOf(readRules()).map((name) => [name, true]));

test("a branch and a fork run tests alone, whatever they change", () => {
  assert.deepEqual(jobsFor({ branch: "feature", parameters: everything }), ["build_and_test", "rehearse"]);
  assert.deepEqual(jobsFor({ branch: "pull/7", parameters: { ...everything, allow_destroy: true } }), [
    "build_and_test",
    "rehearse",
  ]);
  for (const trigger of [{ rollback: "function" }, { nightly: true }])
    assert.deepEqual(jobsFor({ branch: "pull/7", parameters: { ...everything, ...trigger } }), []);
});

test("going back and the night run what they are for, and deploy nothing", () => {
  assert.deepEqual(jobsFor({ branch: "main", parameters: { ...everything, rollback: "weaviate" } }), ["rollback"]);
  assert.deepEqual(jobsFor({ branch: "main", parameters: { ...everything, nightly: true } }), [
    "detect_drift_<< matrix.root >>",
    "reconcile",
  ]);
});

test("each job waits for what it stands on", () => {
  const jobs = readWorkflows()["build-and-deploy"]?.jobs ?? [];
  const behind = (name: string): Set<string> => {
    const requires = jobs.find((job) => job.name === name)?.requires ?? [];
    return new Set(requires.flatMap((required) => [required, ...behind(required)]));
  };
  const order = (...names: string[]) =>
    names.slice(1).forEach((name, index) => {
      assert.ok(behind(name).has(names[index] ?? ""), `${name} does not wait for ${names[index]}`);
    });
  order(
    "plan_gke_infrastructure",
    "approve_gke_infrastructure",
    "apply_gke_infrastructure",
    "apply_aws_infrastructure",
  );
  order(
    "apply_aws_infrastructure",
    "plan_link_infrastructure",
    "approve_link_infrastructure",
    "apply_link_infrastructure",
  );
  order("apply_link_infrastructure", "deploy_weaviate_to_gke", "run_ingestion", "smoke_test");
  order("apply_link_infrastructure", "deploy_query_lambda", "smoke_test");
  order("build_images", "run_ingestion", "deploy_worker", "smoke_test");
  order("deploy_query_lambda", "deploy_worker");
  for (const { name } of jobs) if (name !== "build_and_test") order("build_and_test", name);
});

test("the mapping sets parameters that continue.yml declares, all of them flags", () => {
  const { parameters } = readConfig("continue.yml");
  for (const { parameter, value } of readRules()) {
    assert.equal(parameters[parameter]?.type, "boolean", parameter);
    assert.equal(value, true);
  }
});

test("the patterns mean the same to bash, which is what the orb runs", () => {
  const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
  const paths = [...new Set([...files, ...table.flatMap(([each]) => each)])];
  const patterns = [...readRules().map(({ pattern }) => pattern), ...readExcluded()];
  const script = `while IFS= read -r path; do [[ "$path" =~ ^$PATTERN$ ]] && printf '%s\\n' "$path"; done; true`;
  for (const pattern of patterns) {
    const bash = spawnSync("bash", ["-c", script], {
      input: `${paths.join("\n")}\n`,
      encoding: "utf8",
      env: { ...process.env, PATTERN: pattern },
    });
    const ours = paths.filter((path) => new RegExp(`^${pattern}$`).test(path));
    assert.deepEqual(bash.stdout.split("\n").filter(Boolean), ours, pattern);
  }
  // The orb splits the list of changed files at white space.
  for (const path of files) assert.doesNotMatch(path, /\s/);
});

test("an alternative stands in parentheses: the orb's ^ and $ would belong to its ends alone", () => {
  const patterns = [...readRules().map(({ pattern }) => pattern), ...readExcluded()];
  for (const pattern of patterns) assert.ok(!pattern.replace(/\([^()]*\)/g, "").includes("|"), pattern);
});

test("every rule still finds a file", () => {
  const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
  const stale = readRules().filter(({ pattern }) => !files.some((file) => new RegExp(`^${pattern}$`).test(file)));
  assert.deepEqual(
    stale.map(({ pattern }) => pattern),
    [],
  );
});

const bundles = [
  [
    "src/entry/ingest-job.ts",
    ["src/adapters/embedder/onnx-worker.ts", "src/adapters/parser/sandbox-worker.ts"],
    "run_ingestion",
  ],
  [
    "src/entry/ingest-worker.ts",
    ["src/adapters/embedder/onnx-worker.ts", "src/adapters/parser/sandbox-worker.ts"],
    "run_ingestion",
  ],
  ["src/entry/lambda.ts", [], "run_function"],
] as const;

for (const [entry, workers, parameter] of bundles) {
  test(`every source that ${entry} is bundled from sets ${parameter}`, {
    skip: existsSync(join(root, entry)) ? false : `no ${entry} yet`,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "isthmus-bundle-"));
    try {
      const { inputs } = await bundleProgram({ entry, workers: [...workers] }, folder);
      // A module that a plugin makes is no file: scripts/bundle/named-imports.ts.
      const ours = Object.keys(inputs).filter((path) => !/^(?:node_modules\/|named-imports:)/.test(path));
      assert.ok(ours.length > 50);
      const forgotten = ours.filter((path) => parametersFor([path])[parameter] !== true);
      assert.deepEqual(forgotten, []);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

for (const entry of ["scripts/ci.ts", "scripts/rehearse.ts"]) {
  test(`every script that ${entry} is made of sets run_rehearsal`, async () => {
    const { metafile } = await build({
      entryPoints: [join(root, entry)],
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      packages: "external",
      outdir: root,
    });
    const ours = Object.keys(metafile.inputs)
      .map((path) => relative(root, resolve(path)))
      .filter((path) => /^(scripts|test)\//.test(path));
    assert.ok(ours.length > 20);
    assert.deepEqual(
      ours.filter((path) => parametersFor([path])["run_rehearsal"] !== true),
      [],
    );
  });
}
