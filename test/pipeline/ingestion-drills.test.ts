import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { called, commit, edgeFor, state } from "./drills.ts";
import { image, tellJobs } from "./edge/cluster.ts";
import type { Edge } from "./edge/edge.ts";

suite("ingestion", () => {
  const run = (edge: Edge, ...args: string[]) =>
    edge.step("run-ingestion", ["--image", image, "--poll-seconds", "0", "--cluster", "current", ...args]);
  const build = (edge: Edge) => {
    // Bundling is npm's own affair; test/e2e/bundle.test.ts proves it.
    edge.standIn("npm", "exit 0");
    const args = ["--commit", commit, "--node-digest", `sha256:${"b".repeat(64)}`, "--sbom", `${edge.folder}/sbom`];
    return edge.step("build-images", args);
  };
  const failure = {
    severity: "WARNING",
    message: "Failed: gs://b/bad.pdf: not a PDF",
    uri: "gs://b/bad.pdf",
    code: "parse_failed",
  };
  const record = {
    severity: "WARNING",
    message: "Bad record",
    uri: "gs://b/rows.csv",
    record: "7",
    code: "record_invalid",
  };

  test("a Job that exits 2 fails the run, with the documents", async (context) => {
    const edge = edgeFor(context);
    tellJobs(edge, { exitCode: 2, log: [{ severity: "INFO", message: "working" }, failure, record] });
    const { code, stdout } = await run(edge, "--json");
    assert.equal(code, 2);
    assert.deepEqual(JSON.parse(stdout).failed, [
      { uri: "gs://b/bad.pdf", code: "parse_failed" },
      { uri: "gs://b/rows.csv#7", code: "record_invalid" },
    ]);
    assert.match((await run(edge)).stdout, /some documents failed[\s\S]*gs:\/\/b\/bad\.pdf \(parse_failed\)/);
  });

  test("any other failure ends with 1, a good run with 0", async (context) => {
    const edge = edgeFor(context);
    tellJobs(edge, { exitCode: 1 });
    assert.equal((await run(edge)).code, 1);
    const good = edgeFor(context);
    tellJobs(good, { exitCode: 0 });
    assert.equal((await run(good)).code, 0);
    const [{ input = "" } = {}] = good.calls().filter(({ command }) => command === "create");
    assert.ok(input.includes(`image: ${image}\n`) && !input.includes("INGEST_IMAGE\n"));
  });

  test("an image without a digest is refused", async (context) => {
    const edge = edgeFor(context);
    const { code, stderr } = await edge.step("run-ingestion", [
      "--image",
      "registry/ingest:latest@",
      "--cluster",
      "current",
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /not named by its digest/);
  });

  test("an image with a mended flaw is not pushed", async (context) => {
    const edge = edgeFor(context);
    edge.answer(
      { program: "npm", when: "" },
      { program: "docker", when: "build" },
      { program: "syft", when: "scan" },
      {
        program: "grype",
        when: "--fail-on high",
        code: 2,
        stderr: "discovered vulnerabilities at or above the severity threshold\n",
      },
    );
    const { code } = await build(edge);
    assert.equal(code, 1);
    assert.deepEqual(called(edge, /docker push|configure-docker/), []);
  });

  test("what is pushed is recorded by digest, and is not built a second time", async (context) => {
    const edge = edgeFor(context);
    const digest = `us-east4-docker.pkg.dev/example-project/isthmus/ingest@sha256:${"d".repeat(64)}`;
    edge.answer(
      {
        program: "docker",
        when: "image inspect",
        stdout: JSON.stringify([`elsewhere/ingest@sha256:${"e".repeat(64)}`, digest]),
      },
      { program: "docker", when: "" },
      { program: "syft", when: "scan" },
      { program: "grype", when: "" },
      { program: "gcloud", when: "auth configure-docker" },
    );
    const { code, stderr } = await build(edge);
    assert.equal(code, 0, stderr);
    const list = `${edge.folder}/sbom/ingest.spdx.json`;
    const steps = edge.lines().filter((line) => /^(docker|syft|grype) /.test(line));
    assert.deepEqual(
      steps.map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["docker build", "syft scan", `grype sbom:${list}`, "docker push", "docker image"],
    );
    assert.ok(steps[1]?.endsWith(`--output spdx-json=${list}`));
    assert.equal(edge.object(`${state}/pipeline/images/ingest/${commit}`), `${digest}\n`);
    const before = edge.calls().length;
    assert.match((await build(edge)).stdout, /there already/);
    assert.equal(edge.calls().length, before + 1);
  });
});
