import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";
import { image, tellJobs } from "./edge/cluster.ts";
import { createEdge, type Edge } from "./edge/edge.ts";
import { type PublicApi, startPublicApi } from "./public-api.ts";

const commit = "1".repeat(40);
const record = "gs://example-project-isthmus-state/pipeline/deployed.json";
const layer = "arn:aws:lambda:us-east-1:012345678901:layer:Extension:1";
const passed = { commit: "2".repeat(40), ingest_image: image, function_version: "9" };

let edge: Edge;
let api: PublicApi;
/** Versions of the function that find documents. */
let good: readonly string[] = [];
/** What happens while the smoke test asks. */
let meanwhile = () => {};

const live = () => JSON.parse(readFileSync(join(edge.folder, "function.json"), "utf8")).live;
const recorded = () => JSON.parse(edge.object(record) ?? "null");

before(async () => {
  api = await startPublicApi((query) => {
    meanwhile();
    const uploads = edge.calls().filter(({ command }) => command === "storage cp");
    const uri = uploads.map(({ positional }) => positional[1] ?? "").findLast((each) => each.includes(query));
    return good.includes(live()) && uri !== undefined && edge.object(uri) !== undefined ? [uri] : [];
  });
});
after(() => api.close());

beforeEach(() => {
  edge = createEdge();
  edge.answer({ program: "gcloud", when: "get-credentials" });
  edge.standIn("npm", "exit 0");
  edge.putObject(record, JSON.stringify(passed));
  tellJobs(edge, { exitCode: 0 });
  meanwhile = () => {};
  good = ["9"];
});
afterEach(() => edge.remove());

function aws(versions: readonly string[], alias: string): void {
  edge.put("function.json", JSON.stringify({ versions, live: alias, url: api.url, key: "an-api-key" }));
}

/** osls, which publishes a version where the code is new to it and moves the alias only then: CloudFormation's way. */
function deploy(published?: string) {
  const script = join(edge.folder, "osls.mjs");
  const state = JSON.stringify(join(edge.folder, "function.json"));
  const change = `const s = JSON.parse(fs.readFileSync(${state}, "utf8"));
s.versions.push("${published}"); s.live = "${published}";
fs.writeFileSync(${state}, JSON.stringify(s));`;
  edge.put("osls.mjs", `import fs from "node:fs";\n${published === undefined ? "void fs;" : change}\n`);
  return edge.step("deploy-query-lambda", ["--osls", script, "--layer", layer]);
}

const smoke = () =>
  edge.step("smoke-test", ["--record", "--commit", commit, "--poll-seconds", "0", "--attempts", "2", "--json"]);

suite("osls, then the alias", () => {
  test("a new version is live", async () => {
    aws(["9"], "9");
    const { code, stdout, stderr } = await deploy("12");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /live is version 12 \(was 9\)/);
    assert.equal(live(), "12");
  });

  test("code that was deployed before and taken back is live again, though its stack sees no change", async () => {
    aws(["9", "12"], "9");
    const { code, stdout, stderr } = await deploy();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /live is version 12 \(was 9\)/);
    assert.equal(live(), "12");
  });

  test("without osls it says how to get it", async () => {
    const { code, stderr } = await edge.step("deploy-query-lambda", ["--osls", "nowhere.js", "--layer", layer]);
    assert.equal(code, 1);
    assert.match(stderr, /nowhere\.js is not there; scripts\/ci\/install-tools\.sh osls installs it/);
  });

  test("a deployment that fails moves nothing", async () => {
    aws(["9", "12"], "9");
    edge.put("osls.mjs", "process.exitCode = 1;\n");
    const { code } = await edge.step("deploy-query-lambda", [
      "--osls",
      join(edge.folder, "osls.mjs"),
      "--layer",
      layer,
    ]);
    assert.equal(code, 1);
    assert.equal(live(), "9");
  });
});

suite("the smoke test", () => {
  test("a failure, run again, does not record what was taken back", async () => {
    aws(["9", "12"], "12");
    const first = await smoke();
    assert.equal(first.code, 1);
    assert.match(first.stderr, /was rolled back from 12 to 9/);
    const again = await smoke();
    assert.equal(again.code, 1);
    assert.match(again.stderr, /found by version 9 .* version 12 was deployed and taken back\. Nothing was recorded/);
    assert.deepEqual(recorded(), passed);

    good = ["9", "12"];
    await deploy();
    assert.equal((await smoke()).code, 0);
    assert.deepEqual(recorded(), { commit, ingest_image: image, function_version: "12" });
  });

  test("the version that passed before stays: something else must be wrong", async () => {
    aws(["3", "9"], "9");
    good = [];
    const { code, stderr } = await smoke();
    assert.equal(code, 1);
    assert.match(stderr, /the function stays at version 9, which passed before: look at what else was deployed/);
    assert.equal(live(), "9");
  });

  test("a version that another pipeline deployed meanwhile is neither taken back nor recorded", async () => {
    aws(["9", "12"], "12");
    meanwhile = () => aws(["9", "12", "13"], "13");
    good = [];
    const failed = await smoke();
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /the function stays at version 13, which was deployed during the test/);
    assert.equal(live(), "13");

    aws(["9", "12"], "12");
    good = ["12", "13"];
    const found = await smoke();
    assert.equal(found.code, 0, found.stderr);
    assert.equal(JSON.parse(found.stdout).recorded, false);
    assert.deepEqual(recorded(), passed);
  });

  test("whatever ends it, its document leaves the bucket", async () => {
    for (const [exitCode, says] of [
      [2, /the Job .* ended with 2/],
      [1, /the Job .* ended with 1/],
    ] as const) {
      edge.remove();
      edge = createEdge();
      edge.answer({ program: "gcloud", when: "get-credentials" });
      edge.putObject(record, JSON.stringify(passed));
      aws(["9", "12"], "12");
      tellJobs(edge, { exitCode });
      const { code, stderr } = await smoke();
      assert.equal(code, 1);
      assert.match(stderr, says);
      const [uploaded = ""] = edge
        .calls()
        .flatMap(({ command, positional }) => (command === "storage cp" ? [positional[1]] : []));
      assert.match(uploaded, /\/isthmus-smoke-test\//);
      assert.equal(edge.object(uploaded), undefined);
      assert.equal(live(), "12", "the function is not to blame");
    }
  });
});
