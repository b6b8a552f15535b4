import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { createDesk, type Desk, root } from "../support/cli.ts";
import { suiteWithWeaviate } from "../support/weaviate.ts";

const node = process.execPath;

await suiteWithWeaviate("doctor, from the function and from a pod", {}, (weaviate) => {
  const environment = () => ({
    WEAVIATE_URL: weaviate().url,
    WEAVIATE_GRPC_URL: weaviate().grpcUrl,
    WEAVIATE_API_KEY: weaviate().keys.admin,
    GCS_BUCKET_NAME: "documents",
  });

  /** A desk whose PATH has one command more: the clouds' command lines cannot run here, what they reach does. */
  async function withCommand(name: string, script: string, use: (desk: Desk, calls: () => string[]) => Promise<void>) {
    const desk = createDesk({ AWS_REGION: "us-east-1", ...environment() });
    const folder = join(desk.folder, "bin");
    mkdirSync(folder);
    const log = join(desk.folder, "calls.log");
    const preamble = `import { appendFileSync } from "node:fs";
      appendFileSync(${JSON.stringify(log)}, JSON.stringify(process.argv.slice(2)) + "\\n");`;
    writeFileSync(join(folder, `${name}.mts`), `${preamble}\n${script}`);
    writeFileSync(
      join(folder, name),
      `#!/bin/sh\nexec ${node} --disable-warning=ExperimentalWarning ${folder}/${name}.mts "$@"\n`,
    );
    chmodSync(join(folder, name), 0o755);
    desk.environment["PATH"] = `${folder}${delimiter}${process.env["PATH"]}`;
    try {
      await use(desk, () => readFileSync(log, "utf8").trim().split("\n"));
    } finally {
      await desk.clear();
    }
  }

  // As the real command: it reads the payload from a file, writes the answer to another, and prints what became of the call.
  const aws = `
    import { readFileSync, writeFileSync } from "node:fs";
    const account = { AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } };
    const told = { "get-account-settings": JSON.stringify(account), "get-function-concurrency": "" }[process.argv[3]];
    if (told !== undefined) { process.stdout.write(told); process.exit(0); }
    const [, place] = /^fileb:\\/\\/(.*)/.exec(process.argv[process.argv.indexOf("--payload") + 1]);
    const { handler } = await import(${JSON.stringify(join(root, "src/entry/lambda.ts"))});
    const answer = await handler(JSON.parse(readFileSync(place, "utf8")), { getRemainingTimeInMillis: () => 30_000 });
    writeFileSync(process.argv.at(-1), JSON.stringify(answer));
    process.stdout.write(JSON.stringify({ StatusCode: 200, ExecutedVersion: "7" }, null, 4) + "\\n", () => process.exit(0));`;

  test("the function walks its own way, asked by the cloud's command line", () =>
    withCommand("aws", aws, async (desk, calls) => {
      const doctor = await desk.run(
        "doctor",
        "--from",
        "lambda",
        "--function",
        "rag-query-api-test-query:live",
        "--json",
      );
      assert.equal(doctor.code, 0, doctor.stderr);
      const { findings } = doctor.json<{ findings: { check: string; level: string; found: string }[] }>();
      const checks = findings.map(({ check }) => check);
      assert.deepEqual(checks.slice(0, 4), ["weaviate dns", "weaviate tcp", "weaviate http", "weaviate key"]);
      const { level, found } = findings.at(-1) ?? assert.fail();
      assert.equal(level, "warning", "a new account");
      assert.match(found, /may run 10 functions at once in this region, none of them kept for this one/);
      assert.match(calls()[0] ?? "", /"lambda","invoke","--function-name","rag-query-api-test-query:live"/);
    }));

  const kubectl = `
    import { spawnSync } from "node:child_process";
    import { readFileSync, writeFileSync } from "node:fs";
    const [verb] = process.argv.slice(2);
    if (verb === "create") {
      const manifest = readFileSync(0, "utf8");
      if (!/args: \\["doctor"\\]/.test(manifest) || !/image: registry.test\\/ingest@sha256:1/.test(manifest)) process.exit(1);
      process.stdout.write("job.batch/doctor-x7k2p\\n");
    } else if (verb === "logs") {
      const { status } = spawnSync(process.execPath, [${JSON.stringify(join(root, "src/entry/ingest-job.ts"))}, "doctor"], { stdio: "inherit" });
      process.exit(status === null ? 1 : 0);
    }`;

  test("a pod of the Job's own kind walks the way, and is removed", () =>
    withCommand("kubectl", kubectl, async (desk, calls) => {
      const doctor = await desk.run("doctor", "--from", "pod", "--image", "registry.test/ingest@sha256:1");
      assert.equal(doctor.code, 0, doctor.stderr);
      assert.match(doctor.stdout, /ok +weaviate grpc: searches are answered/);
      assert.match(calls().at(-1) ?? "", /"delete","--namespace","isthmus","--wait=false","job.batch\/doctor-x7k2p"/);
    }));

  test("a step that does not go is the exit code, and a missing command is named", async () => {
    await withCommand("kubectl", kubectl, async (desk) => {
      desk.environment["WEAVIATE_API_KEY"] = "canary";
      const doctor = await desk.run("doctor", "--from", "pod", "--image", "registry.test/ingest@sha256:1");
      assert.equal(doctor.code, 1);
      assert.match(doctor.stdout, /FAIL +weaviate key: .*401/);
      assert.doesNotMatch(doctor.stdout + doctor.stderr, /canary/);
      desk.environment["PATH"] = desk.folder;
      const without = await desk.run("doctor", "--from", "lambda");
      assert.equal(without.code, 1);
      assert.match(without.stderr, /aws is not installed/);
      const imageless = await desk.run("doctor", "--from", "pod");
      assert.match(imageless.stderr, /--image or INGEST_IMAGE/);
    });
  });
});
