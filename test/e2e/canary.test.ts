import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { IngestEvent } from "../../src/core/ingest-types.ts";
import type { ParserRegistry } from "../../src/core/ports.ts";
import { createJobLog } from "../../src/entry/job/log.ts";
import { runJob } from "../../src/entry/job/run.ts";
import { serveFake } from "../../src/entry/server-testing.ts";
import { createBucket } from "../support/bucket.ts";
import { openBucketEngine } from "../support/bucket-engine.ts";
import { deskFor } from "../support/cli.ts";
import { createJobDesk } from "../support/job.ts";

/** Stands for a password, and for a document's text. No door may let it out. */
const canary = "zebra-in-the-pantry";

suite("a password in an address of the configuration", () => {
  const address = `http://ada:${canary}@127.0.0.1:9/v1`;
  const embedding = { ISTHMUS_EMBEDDING_MODEL: "m", ISTHMUS_EMBEDDING_DIMENSIONS: "3" };
  for (const [name, environment] of [
    ["ISTHMUS_EMBEDDING_URL", embedding],
    ["ISTHMUS_HUB_URL", { ISTHMUS_MODEL: "org/name@main" }],
    ["WEAVIATE_URL", { ISTHMUS_STORE: "weaviate" }],
    ["WEAVIATE_GRPC_URL", { ISTHMUS_STORE: "weaviate", WEAVIATE_URL: "http://127.0.0.1:9" }],
    ["STORAGE_EMULATOR_HOST", {}],
  ] as const) {
    for (const value of [
      address,
      address.replace("http", "htp"),
      address.replace("http://", ""),
      address.replace("zebra", "ze/br#a"),
    ]) {
      test(`${name}=${value.replace(canary, "…")} is told by no command`, async (context) => {
        const { run, write } = deskFor(context, { ...environment, [name]: value });
        write("a.txt", "alpha");
        for (const words of [
          ["doctor"],
          ["doctor", "--json"],
          ["ingest", "documents"],
          ["query", "alpha"],
          ["model", "fetch", "org/name@main"],
        ]) {
          const { stdout, stderr } = await run(...words);
          assert.ok(!`${stdout}${stderr}`.includes("pantry"), `${words.join(" ")}\n${stdout}\n${stderr}`);
        }
      });
    }
  }

  test("is told by the Job neither", async (context) => {
    const job = createJobDesk({
      GCS_BUCKET_NAME: "b",
      STORAGE_EMULATOR_HOST: address,
      ISTHMUS_EMBEDDING_URL: address,
      ...embedding,
    });
    context.after(() => job.clear());
    const { text, code } = await job.run();
    assert.equal(code, 1);
    assert.ok(!text.includes("pantry"), text);
  });
});

suite("what others throw", () => {
  /** A registry whose parser fails as a library does: with what it read. */
  const registry: ParserRegistry = {
    fingerprint: "quoting",
    fingerprints: new Map(),
    select: () => ({
      contentType: "text/plain",
      parser: {
        name: "quoting",
        version: 1,
        records: false,
        // biome-ignore lint/correctness/useYield: it fails before its first document.
        async *parse({ bytes }) {
          for await (const piece of bytes) JSON.parse(new TextDecoder().decode(piece));
        },
      },
    }),
  };

  test("neither the row of a failure nor its event quotes a document", async (context) => {
    const engine = await openBucketEngine(context, { registry });
    const bucket = createBucket();
    bucket.put("a.txt", canary);
    const events: IngestEvent[] = [];
    const withRegistry = engine.withRegistry(registry);
    const summary = await withRegistry.ingest(bucket.source, { onEvent: (event) => events.push(event) });
    assert.equal(summary.failed, 1);
    const { failure } = await withRegistry.entry(bucket.uri("a.txt"));
    assert.equal(failure?.code, "internal");
    assert.match(failure?.reason ?? "", /\(SyntaxError\)/);
    const told = events.flatMap((event) => (event.kind === "document" ? [event.error?.message ?? ""] : []));
    assert.ok(!`${failure?.reason}${told.join()}`.includes("pantry"), failure?.reason);
  });

  test("a problem document and what the log is told of it name the class", async () => {
    await using server = await serveFake({ search: () => Promise.reject(new TypeError(canary)) });
    const response = await server.ask({ query: "a" });
    assert.equal(response.status, 500);
    const { cause } = server.records[0] ?? {};
    assert.ok(cause instanceof Error);
    assert.match(cause.message, /\(TypeError\)/);
    assert.ok(!`${await response.text()}${cause.message}`.includes("pantry"));
  });

  test("the Job's log names the class, and with ISTHMUS_DEBUG the places in the code alone", async () => {
    const lines: string[] = [];
    const environment = new Proxy({ ISTHMUS_DEBUG: "1" } as Record<string, string>, {
      get: (target, name) => {
        if (name === "GCS_BUCKET_NAME") throw new RangeError(canary);
        return Reflect.get(target, name);
      },
    });
    assert.equal(
      await runJob(
        environment,
        createJobLog((line) => lines.push(line)),
      ),
      1,
    );
    const { message, stack } = JSON.parse(lines.at(-1) ?? "");
    assert.match(message, /\(RangeError\)/);
    assert.match(stack, /^ {4}at /);
    assert.ok(!lines.join("").includes("pantry"), lines.join(""));
  });
});
