import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { goBinary } from "../peers/binaries.ts";
import { lambdaClient } from "../peers/lambda-client.ts";
import {
  type CollectedSpan,
  type OtelCollector,
  otelCollectorBinary,
  patientExport,
  startOtelCollector,
} from "../peers/otel-collector.ts";
import { freePorts } from "../peers/ports.ts";
import { type Program, startProgram } from "../peers/process.ts";
import { goPrograms } from "../peers/programs.ts";
import { type Container, platformEnvironment } from "../support/lambda/container.ts";
import { ask, type Deployment, deploymentSkip, send, startDeployment } from "../support/lambda/deployment.ts";
import { ownArchitecture, type PackagedFunction, packageAndUnpack } from "../support/lambda/packaged.ts";

const client = lambdaClient();
const emulator = await goBinary(goPrograms.lambdaEmulator);
const collectorBinary = await otelCollectorBinary();
const skip = (await deploymentSkip()) || client.skip || emulator.skip || collectorBinary.skip;

/** Milliseconds that a busy machine may take: what the platform allows is not what these tests are about. */
const patient = { timeoutMs: 300_000, initMs: 300_000 };
const question = "How is a document deleted?";
const doctor = { isthmus: "doctor" };

/**
 * Every other test of the functions runs them by a runtime and a platform of our own. Here the same zips run by AWS's: its client within,
 * its emulator around. What both say alike, neither of ours invented.
 */
describe("the functions' zips with AWS's own programs", { skip }, () => {
  let deployment: Deployment;
  let collector: OtelCollector;
  let answering: PackagedFunction;
  let expected: string[];
  const folder = mkdtempSync(join(tmpdir(), "isthmus-independent-"));
  const within = (handler: string) => [process.execPath, client.path ?? "", handler] as const;
  const found = ({ json }: { readonly json: { readonly results: readonly { readonly id: string }[] } }) =>
    json.results.map(({ id }) => id);

  before(async () => {
    writeFileSync(
      join(folder, "deletion.md"),
      "# Deletion\n\nA document is deleted by its tombstone, before its chunks.\n",
    );
    writeFileSync(join(folder, "crash.md"), "# A crash\n\nRun it again: it goes on where it ended.\n");
    deployment = await startDeployment(folder);
    answering = await packageAndUnpack(ownArchitecture, "answer");
    collector = await startOtelCollector();
    const ours = await deployment.container(patient);
    expected = found(await ask(ours, question));
    assert.ok(expected.length > 0, ours.log());
  });
  after(async () => {
    await collector?.stop();
    await answering?.remove();
    await deployment?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe("AWS's client within our platform", () => {
    let container: Container;
    before(async () => {
      container = await deployment.container({ command: within("lambda.handler"), ...patient });
    });

    it("initialises, and answers the same over freezes", async () => {
      assert.equal(container.init, "ready", container.log());
      for (let round = 0; round < 3; round++) {
        const answer = await ask(container, question);
        assert.equal(answer.status, 200, container.log());
        assert.deepEqual(found(answer), expected);
        await container.frozen();
      }
    });

    it("hands over what a request is refused for, and what a person invokes by hand", async () => {
      const refused = await send(container, { body: "{" });
      assert.deepEqual([refused.status, refused.json.code], [400, "invalid_json"]);
      const end = await container.invoke(doctor);
      assert.equal(end.kind, "response", container.log());
      assert.match(JSON.stringify(end), /"healthy":true/);
    });

    it("streams an answer as it is written, and its trace tells of the search and of who wrote it", async () => {
      const [traceId, caller] = [randomBytes(16).toString("hex"), "00f067aa0ba902b7"];
      const streaming = await deployment.container({
        environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...patientExport },
        command: within("lambda-answer.handler"),
        handler: "lambda-answer.handler",
        folder: answering.folder,
        ...patient,
      });
      const end = await streaming.invoke({
        httpMethod: "POST",
        path: "/answer",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          traceparent: `00-${traceId}-${caller}-01`,
        },
        body: JSON.stringify({ question }),
      });
      assert.equal(end.kind, "stream", streaming.log());
      if (end.kind !== "stream") return;
      assert.equal(end.contentType, "application/vnd.awslambda.http-integration-response");
      const [prelude = "", body = ""] = end.body.toString().split("\0".repeat(8));
      assert.equal(JSON.parse(prelude).statusCode, 200);
      assert.match(body, /^event: passages\n[\s\S]*tombstone[\s\S]*\nevent: done\n/);
      const own = (all: readonly CollectedSpan[]) => all.filter((span) => span.traceId === traceId);
      const spans = own(await collector.until((all) => own(all).some(({ name }) => name === "POST /answer")));
      const named = (name: string) => spans.find((span) => span.name === name);
      const root = named("POST /answer");
      assert.equal(root?.parentSpanId, caller);
      assert.equal(named("answer")?.parentSpanId, root?.spanId);
      assert.equal(named("generate_content extractive")?.parentSpanId, named("answer")?.spanId);
      assert.ok(named("search"));
      const known = new Set(spans.map(({ spanId }) => spanId));
      for (const span of spans) assert.ok(span === root || known.has(span.parentSpanId), `${span.name} is an orphan`);
    });
  });

  describe("AWS's client within AWS's emulator", () => {
    let program: Program;
    let url = "";
    before(async () => {
      const [invocations = 0, runtimeApi = 0] = await freePorts(2);
      url = `http://127.0.0.1:${invocations}`;
      const task = deployment.packaged.folder;
      program = await startProgram({
        name: "AWS's emulator",
        command: emulator.path ?? "",
        args: [
          `--runtime-interface-emulator-address=127.0.0.1:${invocations}`,
          `--runtime-api-address=127.0.0.1:${runtimeApi}`,
          ...within("lambda.handler"),
        ],
        environment: {
          ...platformEnvironment(`127.0.0.1:${runtimeApi}`, task, "lambda.handler"),
          AWS_LAMBDA_FUNCTION_TIMEOUT: "300",
          ...deployment.environment,
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          ...patientExport,
        },
        folder: task,
        // A path that it does not have.
        ready: async () => (await fetch(url)).status === 404,
      });
    });
    after(() => program?.stop());

    const invoke = async (event: object) => {
      const answer = await fetch(`${url}/2015-03-31/functions/function/invocations`, {
        method: "POST",
        body: JSON.stringify(event),
      });
      const text = await answer.text();
      assert.equal(answer.status, 200, `${text}\n${program.log()}`);
      return JSON.parse(text) as Record<string, unknown> & { body: string };
    };

    it("answers the same, and its extension sends the spans of every request", async () => {
      const asked = [0, 1, 2].map(() => randomBytes(16).toString("hex"));
      for (const traceId of asked) {
        const { body } = await invoke({
          httpMethod: "POST",
          path: "/query",
          headers: { "content-type": "application/json", traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
          body: JSON.stringify({ query: question }),
        });
        assert.deepEqual(found({ json: JSON.parse(body) }), expected);
      }
      await collector.until((spans) =>
        asked.every((traceId) => spans.some((span) => span.traceId === traceId && span.name === "POST /query")),
      );
    });

    it("answers a person who invokes it by hand", async () => {
      assert.match(JSON.stringify(await invoke(doctor)), /"healthy":true/);
    });
  });
});
