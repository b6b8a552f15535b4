import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { called, commit, edgeFor, state } from "./drills.ts";
import type { Edge } from "./edge/edge.ts";

suite("infrastructure", () => {
  const change = (address: string, ...actions: string[]) => ({ address, change: { actions } });
  const replacing = [
    change("module.cluster.google_container_cluster.this", "delete", "create"),
    change("a.b", "update"),
  ];

  function tellTerraform(edge: Edge, changes: readonly object[]): void {
    edge.answer(
      { program: "terraform", when: " init ", stdout: "" },
      { program: "terraform", when: " plan ", code: changes.length > 0 ? 2 : 0 },
      { program: "terraform", when: " show -json ", stdout: JSON.stringify({ resource_changes: changes }) },
      { program: "terraform", when: " apply ", stdout: "Apply complete!\n" },
    );
  }

  test("a plan that replaces something is kept, and its apply is refused", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, replacing);
    const planned = await edge.step("plan-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(planned.code, 0, planned.stderr);
    assert.match(planned.stdout, /replace module\.cluster\.google_container_cluster\.this[\s\S]*needs allow_destroy/);
    assert.equal(edge.object(`${state}/plans/${commit}/by-hand/gcp.tfplan`), "a plan");

    const applied = await edge.step("apply-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(applied.code, 1);
    assert.match(
      applied.stderr,
      /destroys or replaces module\.cluster\.google_container_cluster\.this.*Nothing was applied/s,
    );
    assert.deepEqual(called(edge, /^terraform .* apply /), []);
  });

  test("with allow_destroy that very plan is applied, and then deleted", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, replacing);
    await edge.step("plan-infrastructure", ["--root", "gcp", "--commit", commit]);
    const { code, stderr } = await edge.step("apply-infrastructure", [
      "--root",
      "gcp",
      "--commit",
      commit,
      "--allow-destroy",
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(called(edge, /^terraform .* apply /).length, 1);
    assert.equal(called(edge, /storage rm --all-versions .*gcp\.tfplan$/).length, 1, "the bucket keeps versions");
    assert.equal(edge.object(`${state}/plans/${commit}/by-hand/gcp.tfplan`), undefined);
  });

  test("no plan of this commit, no apply", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, [change("a.b", "create")]);
    await edge.step("plan-infrastructure", ["--root", "aws", "--commit", commit]);
    const { code } = await edge.step("apply-infrastructure", ["--root", "aws", "--commit", "2".repeat(40)]);
    assert.equal(code, 1);
    assert.deepEqual(called(edge, / apply /), []);
  });

  test("two pipelines of one commit have plans of their own", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, [change("a.b", "create")]);
    const planned = ["--root", "gcp", "--commit", commit];
    await edge.step("plan-infrastructure", planned, { CIRCLE_PIPELINE_ID: "first" });
    assert.equal((await edge.step("apply-infrastructure", planned, { CIRCLE_PIPELINE_ID: "second" })).code, 1);
    assert.deepEqual(called(edge, / apply /), []);
    assert.equal((await edge.step("apply-infrastructure", planned, { CIRCLE_PIPELINE_ID: "first" })).code, 0);
  });

  test("the file that was planned is the file that is applied", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, [change("a.b", "create")]);
    edge.putObject(`${state}/plans/${commit}/by-hand/gcp.tfplan`, "what a person approved");
    edge.standIn(
      "terraform",
      `for last; do :; done; case "$*" in *" show "*) echo '{}' ;; *" apply "*) cat "$last" ;; esac`,
    );
    const { code, stdout, stderr } = await edge.step("apply-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(code, 0, stderr);
    assert.match(`${stdout}${stderr}`, /what a person approved/);
  });

  test("a plan that fails keeps no plan", async (context) => {
    const edge = edgeFor(context);
    edge.answer(
      { program: "terraform", when: " init " },
      { program: "terraform", when: " plan ", code: 1, stderr: "Error: the assertion of a check failed\n" },
    );
    const { code, stderr } = await edge.step("plan-infrastructure", ["--root", "gcp", "--commit", commit]);
    assert.equal(code, 1);
    assert.match(stderr, /check failed/);
    assert.deepEqual(called(edge, /^gcloud storage/), []);
  });

  test("the link's plan lies in the link's own bucket", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, [change("a.b", "create")]);
    await edge.step("plan-infrastructure", ["--root", "link", "--commit", commit]);
    assert.equal(edge.object(`gs://example-project-isthmus-link-state/plans/${commit}/by-hand/link.tfplan`), "a plan");
    assert.equal(called(edge, /-backend-config=bucket=example-project-isthmus-link-state/).length, 1);
  });

  test("drift ends with 2 and names what differs; none ends with 0", async (context) => {
    const edge = edgeFor(context);
    tellTerraform(edge, replacing);
    const drifted = await edge.step("detect-drift", ["--root", "gcp", "--json"]);
    assert.equal(drifted.code, 2);
    assert.deepEqual(JSON.parse(drifted.stdout).update, ["a.b"]);
    assert.ok(called(edge, /-lock=false/).length > 0, "it must not hold up an apply");
    const still = edgeFor(context);
    tellTerraform(still, []);
    assert.equal((await still.step("detect-drift", ["--root", "gcp"])).code, 0);
  });
});
