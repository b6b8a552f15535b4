import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { called, commit, edgeFor, state } from "./drills.ts";
import { image, tellFunction, tellJobs } from "./edge/cluster.ts";
import type { Edge } from "./edge/edge.ts";
import { startPublicApi } from "./public-api.ts";

suite("the functions", () => {
  const smoke = (edge: Edge) =>
    edge.step("smoke-test", ["--record", "--commit", commit, "--poll-seconds", "0", "--attempts", "2"]);
  const recorded = { commit: "2".repeat(40), ingest_image: image, function_version: "9", answer_version: "4" };
  const uploadsTo = (edge: Edge) =>
    edge
      .calls()
      .filter(({ command }) => command === "storage cp")
      .map(({ positional }) => positional[1] ?? "");

  test("a document that is not found rolls both functions back to what last passed, and leaves nothing behind", async (context) => {
    const edge = edgeFor(context);
    const api = await startPublicApi(() => ["gs://example-project-isthmus-documents/another.md"]);
    try {
      tellFunction(edge, "12", api.url);
      tellJobs(edge, { exitCode: 0 });
      edge.putObject(`${state}/pipeline/deployed.json`, JSON.stringify(recorded));
      const { code, stderr } = await smoke(edge);
      assert.equal(code, 1);
      assert.match(stderr, /was not found .* the functions were rolled back: query from 12 to 9, answer from 5 to 4/);
      const [query, answer, ...more] = called(edge, /update-alias/);
      assert.match(query ?? "", /--function-name rag-query-api-dev-query .*--name live --function-version 9 /);
      assert.match(answer ?? "", /--function-name rag-query-api-dev-answer .*--name live --function-version 4 /);
      assert.deepEqual(more, []);
      assert.deepEqual(JSON.parse(edge.object(`${state}/pipeline/deployed.json`) ?? ""), recorded);
      assert.equal(called(edge, /storage rm gs:\/\/example-project-isthmus-documents\/isthmus-smoke-test\//).length, 1);
    } finally {
      await api.close();
    }
  });

  test("a document that stays after its removal is a failure too", async (context) => {
    const edge = edgeFor(context);
    const api = await startPublicApi(() => uploadsTo(edge));
    try {
      tellFunction(edge, "12", api.url);
      tellJobs(edge, { exitCode: 0 });
      edge.putObject(`${state}/pipeline/images/ingest/${commit}`, image);
      const { code, stderr } = await smoke(edge);
      assert.equal(code, 1);
      assert.match(stderr, /found but did not go away/);
      assert.equal(edge.object(`${state}/pipeline/deployed.json`), undefined);
    } finally {
      await api.close();
    }
  });

  test("going back by hand: to versions, to what last passed, or to the ones before", async (context) => {
    const edge = edgeFor(context);
    const back = async (...args: string[]) => {
      const { code, stdout, stderr } = await edge.step("rollback", ["--what", "function", "--json", ...args]);
      assert.equal(code, 0, stderr);
      const { query, answer } = JSON.parse(stdout);
      return [query.to, answer.to];
    };
    tellFunction(edge, "12", "http://127.0.0.1:9");
    assert.deepEqual(await back("--to", "3"), ["3", "5"]);
    assert.deepEqual(await back("--to", "answer=2"), ["12", "2"]);
    assert.deepEqual(await back("--to", "query=3,answer=2"), ["3", "2"]);
    // Numbers, not words: 10 comes after 9.
    assert.deepEqual(await back(), ["10", "4"]);
    edge.putObject(`${state}/pipeline/deployed.json`, JSON.stringify({ ...recorded, answer_version: "2" }));
    assert.deepEqual(await back(), ["9", "2"]);
    assert.equal((await edge.step("rollback", ["--what", "function", "--to", "3; true"])).code, 1);
    const { code, stderr } = await edge.step("rollback", ["--what", "function", "--to", "query=12,answer=5"]);
    assert.equal(code, 1);
    assert.match(stderr, /query 12 and answer 5 are live already/);
  });

  test("Weaviate goes back to a revision", async (context) => {
    const edge = edgeFor(context);
    edge.answer(
      { program: "kubectl", when: "updateRevision", stdout: "weaviate-5" },
      { program: "kubectl", when: "rollout" },
      { program: "kubectl", when: "get pods", stdout: '{"items":[]}' },
      { program: "kubectl", when: "jsonpath={.spec.replicas}", stdout: "3" },
      { program: "kubectl", when: "wait" },
    );
    const args = ["--what", "weaviate", "--to", "4", "--cluster", "current"];
    for (const overlay of ["production", "starter", "starter-public"]) {
      const { code, stderr } = await edge.step("rollback", args, { ISTHMUS_OVERLAY: overlay });
      assert.equal(code, 0, stderr);
    }
    const undone = called(edge, /undo/).map((line) => line.replace("kubectl -n isthmus rollout undo statefulset/", ""));
    assert.deepEqual(undone, ["weaviate --to-revision=4", ...Array(2).fill("weaviate-starter --to-revision=4")]);
  });
});
