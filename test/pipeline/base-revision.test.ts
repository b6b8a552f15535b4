import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, beforeEach, suite, test } from "node:test";
import { image, tellFunction, tellJobs } from "./edge/cluster.ts";
import { createEdge, type Edge } from "./edge/edge.ts";
import { type PublicApi, startPublicApi } from "./public-api.ts";
import { parametersFor } from "./rules.ts";

const record = "gs://example-project-isthmus-state/pipeline/deployed.json";

suite("what a push to main is compared with", () => {
  let edge: Edge;
  let api: PublicApi;
  let repository: string;
  /** Whether the deployed function finds documents. */
  let works = true;

  before(async () => {
    api = await startPublicApi((query) => {
      // The document is in its bucket between its upload and its removal.
      const uploads = edge.calls().filter(({ command }) => command === "storage cp");
      const uri = uploads.map(({ positional }) => positional[1] ?? "").findLast((each) => each.includes(query));
      return works && uri !== undefined && edge.object(uri) !== undefined ? [uri] : [];
    });
  });
  after(() => api.close());

  beforeEach((context) => {
    works = true;
    edge = createEdge();
    // The context of the test, not of the suite: it ends with each.
    if ("after" in context) context.after(() => edge.remove());
    repository = join(edge.folder, "repository");
    mkdirSync(repository);
    git("init", "--quiet", "--initial-branch", "main");
    tellFunction(edge, "12", api.url);
    tellJobs(edge, { exitCode: 0 });
  });

  const git = (...args: string[]) => {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...identity, ...args], { cwd: repository, encoding: "utf8" }).trim();
  };

  function push(...paths: string[]): string {
    for (const path of paths) {
      const file = join(repository, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${existsSync(file) ? readFileSync(file, "utf8") : ""}changed\n`);
    }
    git("add", "--all");
    git("commit", "--quiet", "--message", paths.join(" "));
    return git("rev-parse", "HEAD");
  }

  /** The setup job on main: the base by our step, then what the orb does with it, then our step again. */
  async function choose(): Promise<string[]> {
    const environment = join(edge.folder, "bash-env");
    writeFileSync(environment, "");
    const found = await edge.step("base-revision", [
      "--deployed",
      "--repository",
      repository,
      "--environment",
      environment,
    ]);
    assert.equal(found.code, 0, found.stderr);
    const lines = readFileSync(environment, "utf8");
    const [, base = ""] = /^export BASE_REVISION=(.+)$/m.exec(lines) ?? [];
    const [, everything = ""] = /^export ISTHMUS_RUN_EVERYTHING=(.+)$/m.exec(lines) ?? [];
    const file = join(edge.folder, "parameters.json");
    writeFileSync(file, JSON.stringify(parametersFor(changed(base))));
    const completed = await edge.step("pipeline-parameters", ["--file", file], { ISTHMUS_RUN_EVERYTHING: everything });
    assert.equal(completed.code, 0, completed.stderr);
    return Object.keys(JSON.parse(readFileSync(file, "utf8"))).sort();
  }

  /** As the orb: from the merge base, or from the commit before where that is this very commit. */
  function changed(base: string): string[] {
    const head = git("rev-parse", "HEAD");
    const common = git("merge-base", base, head);
    const from =
      common !== head
        ? common
        : git("rev-list", "--count", "HEAD") === "1"
          ? git("hash-object", "-t", "tree", "/dev/null")
          : "HEAD~1";
    return git("diff", "--name-only", from, head).split("\n").filter(Boolean);
  }

  /** The end of a deployment: the smoke test, which records the commit if it passes. */
  async function deploy(commit: string): Promise<number | null> {
    edge.putObject(`gs://example-project-isthmus-state/pipeline/images/ingest/${commit}`, `${image}\n`);
    const args = ["--record", "--commit", commit, "--repository", repository, "--poll-seconds", "0", "--attempts", "2"];
    return (await edge.step("smoke-test", args)).code;
  }

  const everything = ["run_function", "run_infrastructure", "run_ingestion", "run_rehearsal", "run_weaviate"];

  test("three commits with a failure between: what failed is deployed with the next push", async () => {
    const first = push("src/core/types.ts", "infra/terraform/gcp/main.tf");
    assert.deepEqual(await choose(), everything, "nothing is deployed yet");
    assert.equal(await deploy(first), 0);

    const second = push("infra/terraform/gcp/main.tf");
    assert.deepEqual(await choose(), ["run_infrastructure"]);
    works = false;
    assert.equal(await deploy(second), 1);
    assert.match(edge.object(record) ?? "", new RegExp(first), "a failed deployment is not recorded");

    works = true;
    const third = push("src/http/app.ts", "docs/api.md");
    assert.deepEqual(await choose(), ["run_function", "run_infrastructure"], "the failed one is not forgotten");
    assert.equal(await deploy(third), 0);
    assert.deepEqual(JSON.parse(edge.object(record) ?? ""), {
      commit: third,
      ingest_image: image,
      function_version: "12",
      answer_version: "5",
    });

    push("docs/api.md");
    assert.deepEqual(await choose(), []);
  });

  test("an older pipeline that ends last does not wind the record back", async () => {
    const older = push("src/core/types.ts");
    const newer = push("src/http/app.ts");
    assert.equal(await deploy(newer), 0);
    assert.equal(await deploy(older), 0);
    assert.match(edge.object(record) ?? "", new RegExp(newer));
  });

  test("after a rewritten history everything runs", async () => {
    push("src/core/types.ts");
    assert.equal(await deploy("0".repeat(40)), 0);
    assert.deepEqual(await choose(), everything);
  });

  test("a bucket that cannot be read ends it: guessing could forget a failure", async () => {
    push("src/core/types.ts");
    edge.answer({
      program: "gcloud",
      when: "storage cat",
      code: 1,
      stderr: "ERROR: (gcloud.storage.cat) HTTPError 403: no access\n",
    });
    const { code, stderr } = await edge.step("base-revision", ["--deployed", "--repository", repository]);
    assert.equal(code, 1);
    assert.match(stderr, /could not be read/);
  });

  test("a branch is compared with main, and asks no cloud", async () => {
    push("src/core/types.ts");
    const { code, stdout } = await edge.step("base-revision", ["--repository", repository, "--json"]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).base, "origin/main");
    assert.deepEqual(edge.calls(), []);
  });
});
