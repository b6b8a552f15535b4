import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";
import { type FunctionState, functionFile } from "./edge/aws.ts";
import { image, tellJobs } from "./edge/cluster.ts";
import { createEdge, type Edge } from "./edge/edge.ts";
import { type PublicApi, startPublicApi } from "./public-api.ts";

const commit = "1".repeat(40);
const record = "gs://example-project-isthmus-state/pipeline/deployed.json";
const layer = "arn:aws:lambda:us-east-1:012345678901:layer:Extension:1";
const passed = { commit: "2".repeat(40), ingest_image: image, function_version: "9", answer_version: "4" };

let edge: Edge;
let api: PublicApi;
/** Versions of the function query that find documents, and those of answer that cite them. */
let good: readonly string[] = [];
let goodAnswers: readonly string[] = [];
/** What happens while the smoke test asks. */
let meanwhile = () => {};

const aliases = (): FunctionState => JSON.parse(readFileSync(functionFile(edge.folder), "utf8"));
const live = () => aliases().query.live;
const liveAnswer = () => aliases().answer.live;
const recorded = () => JSON.parse(edge.object(record) ?? "null");

before(async () => {
  api = await startPublicApi(
    (query) => {
      meanwhile();
      const uploads = edge.calls().filter(({ command }) => command === "storage cp");
      const uri = uploads.map(({ positional }) => positional[1] ?? "").findLast((each) => each.includes(query));
      return good.includes(live()) && uri !== undefined && edge.object(uri) !== undefined ? [uri] : [];
    },
    (body) => (goodAnswers.includes(liveAnswer()) ? body : 503),
  );
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
  goodAnswers = ["4"];
});
afterEach(() => edge.remove());

function aws(query: FunctionState["query"], answer: FunctionState["answer"] = { versions: ["4"], live: "4" }): void {
  edge.put("function.json", JSON.stringify({ query, answer, url: api.url, key: "an-api-key" }));
}

const at = (live: string, ...before: string[]) => ({ versions: [...before, live], live });

/** osls, which publishes a version where the code is new to it and moves the alias only then: CloudFormation's way. */
function deploy(published: { readonly query?: string; readonly answer?: string } = {}) {
  const script = join(edge.folder, "osls.mjs");
  const state = JSON.stringify(functionFile(edge.folder));
  edge.put(
    "osls.mjs",
    `import fs from "node:fs";
const s = JSON.parse(fs.readFileSync(${state}, "utf8"));
for (const [name, live] of Object.entries(${JSON.stringify(published)})) {
  s[name].versions.push(live);
  s[name].live = live;
}
const { deployments } = s.api ?? { deployments: [{ id: "d1" }] };
const id = "d" + (Number(deployments.at(-1).id.slice(1)) + 1);
s.api = { deployments: [...deployments, { id }], served: id };
fs.writeFileSync(${state}, JSON.stringify(s));
`,
  );
  return edge.step("deploy-query-lambda", ["--osls", script, "--layer", layer]);
}

const smoke = () =>
  edge.step("smoke-test", ["--record", "--commit", commit, "--poll-seconds", "0", "--attempts", "2", "--json"]);

suite("osls, then the aliases", () => {
  test("new versions are live", async () => {
    aws(at("9"));
    const { code, stdout, stderr } = await deploy({ query: "12", answer: "5" });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /query is live at version 12 \(was 9\); answer is live at version 5 \(was 4\)/);
    assert.deepEqual([live(), liveAnswer()], ["12", "5"]);
  });

  test("code that was deployed before and taken back is live again, though its stack sees no change", async () => {
    aws({ versions: ["9", "12"], live: "9" }, { versions: ["4", "5"], live: "4" });
    const { code, stdout, stderr } = await deploy();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /query is live at version 12 \(was 9\); answer is live at version 5 \(was 4\)/);
    assert.deepEqual([live(), liveAnswer()], ["12", "5"]);
  });

  test("of one whose code did not change nothing is moved", async () => {
    aws(at("9"));
    const { code, stdout, stderr } = await deploy({ query: "12" });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /query is live at version 12 \(was 9\); answer is live at version 4 \(was 4\)/);
    assert.deepEqual(
      edge.lines().filter((line) => /update-alias/.test(line)),
      [],
    );
  });

  test("without osls it says how to get it", async () => {
    const { code, stderr } = await edge.step("deploy-query-lambda", ["--osls", "nowhere.js", "--layer", layer]);
    assert.equal(code, 1);
    assert.match(stderr, /nowhere\.js is not there; scripts\/ci\/install-tools\.sh osls installs it/);
  });

  test("a deployment that fails moves nothing", async () => {
    aws({ versions: ["9", "12"], live: "9" });
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

suite("the console's page, which the gateway has", () => {
  const served = () => aliases().api?.served;
  const back = async (...args: string[]) => {
    const { code, stdout, stderr } = await edge.step("rollback", ["--what", "function", ...args]);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  test("goes back with the functions that it was deployed with, and forth", async () => {
    aws(at("9"));
    for (const query of ["10", "11"]) assert.equal((await deploy({ query })).code, 0);
    // The same functions with another page.
    assert.equal((await deploy()).code, 0);
    assert.equal(served(), "d4");
    assert.match(await back("--to", "query=10"), /query from 11 to 10, answer stays at 4, the page with them/);
    assert.equal(served(), "d2");
    assert.match(await back("--to", "query=11"), /the page with them/);
    assert.equal(served(), "d4", "the newest of these versions");
    assert.match(await back("--to", "query=9"), /the page stays: none is known of these versions/);
    assert.equal(served(), "d4");
  });

  test("goes back after a smoke test that failed", async () => {
    aws(at("9"));
    assert.equal((await deploy()).code, 0);
    assert.equal((await deploy({ query: "12" })).code, 0);
    assert.equal(served(), "d3");
    const { code, stderr } = await smoke();
    assert.equal(code, 1);
    assert.match(stderr, /were rolled back: query from 12 to 9, answer stays at 4, the page with them/);
    assert.equal(served(), "d2");
  });

  test("is kept of twenty deployments, and of the one that is served", async () => {
    const old = Array.from({ length: 30 }, (_, at) => ({ id: `d${at + 1}` }));
    const state = { query: at("9"), answer: at("4"), url: api.url, key: "an-api-key" };
    edge.put("function.json", JSON.stringify({ ...state, api: { deployments: old, served: "d30" } }));
    assert.equal((await deploy({ query: "12" })).code, 0);
    const ids = aliases().api?.deployments.map(({ id }) => id) ?? [];
    assert.deepEqual([ids.length, ids[0], ids.at(-1)], [20, "d12", "d31"]);
  });

  test("says where it did not go with them", async () => {
    aws({ versions: ["9", "12"], live: "12" });
    edge.put("function.json", JSON.stringify({ ...aliases(), api: { deployments: [], served: "d0" } }));
    edge.answer({ program: "aws", when: "apigateway get-stage", code: 254, stderr: "AccessDenied" });
    const { code, stderr } = await edge.step("rollback", ["--what", "function", "--to", "9"]);
    assert.equal(code, 1);
    assert.match(stderr, /query 9 and answer 4 are live, but the console's page did not go with them/);
  });
});

suite("the smoke test", () => {
  test("a failure, run again, does not record what was taken back", async () => {
    aws(at("12", "9"), at("5", "4"));
    const first = await smoke();
    assert.equal(first.code, 1);
    assert.match(first.stderr, /were rolled back: query from 12 to 9, answer from 5 to 4/);
    const again = await smoke();
    assert.equal(again.code, 1);
    assert.match(
      again.stderr,
      /version 9 of the function query, but version 12 was deployed and taken back\. Nothing was recorded/,
    );
    assert.deepEqual(recorded(), passed);

    good = ["9", "12"];
    goodAnswers = ["4", "5"];
    await deploy();
    assert.equal((await smoke()).code, 0);
    assert.deepEqual(recorded(), { commit, ingest_image: image, function_version: "12", answer_version: "5" });
  });

  test("an answer without a citation takes the search back as well, and only both together are recorded", async () => {
    aws(at("12", "9"), at("5", "4"));
    good = ["9", "12"];
    const { code, stderr } = await smoke();
    assert.equal(code, 1);
    assert.match(stderr, /found but not cited .* were rolled back: query from 12 to 9, answer from 5 to 4/);
    assert.deepEqual([live(), liveAnswer()], ["9", "4"]);
    aws(at("12", "9"), { versions: ["4", "5"], live: "4" });
    const half = await smoke();
    assert.equal(half.code, 1);
    assert.match(half.stderr, /version 4 of the function answer, but version 5 was deployed and taken back/);
    assert.deepEqual(recorded(), passed);
  });

  test("versions that passed before stay: something else must be wrong", async () => {
    aws(at("9", "3"));
    good = [];
    const { code, stderr } = await smoke();
    assert.equal(code, 1);
    assert.match(stderr, /stay at query 9 and answer 4, which passed before: look at what else was deployed/);
    assert.deepEqual([live(), liveAnswer()], ["9", "4"]);
  });

  test("versions that another pipeline deployed meanwhile are neither taken back nor recorded", async () => {
    aws(at("12", "9"));
    meanwhile = () => aws(at("13", "9", "12"));
    good = [];
    const failed = await smoke();
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /stay at query 13 and answer 4, which were deployed during the test/);
    assert.equal(live(), "13");

    aws(at("12", "9"));
    meanwhile = () => aws(at("12", "9"), at("5", "4"));
    const other = await smoke();
    assert.match(other.stderr, /stay at query 12 and answer 5, which were deployed during the test/);
    assert.deepEqual([live(), liveAnswer()], ["12", "5"]);

    aws(at("12", "9"));
    meanwhile = () => aws(at("13", "9", "12"));
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
      aws(at("12", "9"));
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
