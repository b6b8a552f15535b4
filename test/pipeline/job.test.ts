import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";
import { exitCodeOf, type JobPod, waitsFor } from "../../scripts/ci/job-pods.ts";
import { image, tellJobs } from "./edge/cluster.ts";
import { createEdge, type Edge } from "./edge/edge.ts";

function pod(index: number, exitCode: number): JobPod {
  return {
    metadata: { name: `ingest-1-${index}`, labels: { "batch.kubernetes.io/job-completion-index": String(index) } },
    status: { phase: "Failed", containerStatuses: [{ state: { terminated: { exitCode } } }] },
  };
}

suite("how a Job of several pods ended", () => {
  test("2 where documents alone stood in the way", () => assert.equal(exitCodeOf([pod(0, 0), pod(1, 2)]), 2));
  test("1 where another index failed for good: its documents are not in the index", () =>
    assert.equal(exitCodeOf([pod(0, 2), pod(1, 1), pod(1, 1)]), 1));
  test("an index that was tried again and ended with 2", () => assert.equal(exitCodeOf([pod(0, 1), pod(0, 2)]), 2));
  test("an index that was tried again and did it", () =>
    assert.equal(exitCodeOf([pod(0, 1), pod(0, 0), pod(1, 2)]), 2));
  test("1 where no pod is left to ask", () => assert.equal(exitCodeOf([]), 1));
});

suite("a pod that does not start", () => {
  let edge: Edge;
  beforeEach(() => {
    edge = createEdge();
  });
  afterEach(() => edge.remove());

  const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
  const status = { phase: "Pending", containerStatuses: [{ state: { waiting } }] };

  test("says why, in Kubernetes' words", () => {
    const metadata = { name: "ingest-1-0" };
    assert.equal(waitsFor({ metadata, status }), "ImagePullBackOff: Back-off pulling image");
    const unschedulable = { reason: "Unschedulable", message: "0/3 nodes are available" };
    assert.equal(
      waitsFor({ metadata, status: { phase: "Pending", conditions: [unschedulable] } }),
      "Unschedulable: 0/3 nodes are available",
    );
    assert.equal(waitsFor({ metadata, status: { phase: "Pending" } }), "it is new");
  });

  test("is named once, not with every look, so that CircleCI notices that nothing happens", async () => {
    const pods = JSON.stringify({ items: [{ metadata: { name: "ingest-1-0" }, status }] });
    edge.answer(
      { program: "kubectl", when: "get job ingest-1", stdout: "{}", times: 3 },
      { program: "kubectl", when: "batch.kubernetes.io/job-name=ingest-1", stdout: pods, times: 3 },
    );
    tellJobs(edge, { exitCode: 0, log: [{ severity: "INFO", message: "working" }] });
    const args = ["--image", image, "--poll-seconds", "0", "--cluster", "current"];
    const { code, stderr } = await edge.step("run-ingestion", args);
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/ingest-1-0 waits: ImagePullBackOff/g)?.length, 1);
    assert.doesNotMatch(stderr, /get job/);
    assert.match(stderr, /ingest-1-0-abc: \{"severity":"INFO","message":"working"\}/, "the log is followed");
  });
});
