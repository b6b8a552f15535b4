import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import { startContainer } from "../support/lambda/container.ts";
import { ask } from "../support/lambda/deployment.ts";
import { ingestFolder, localWeaviate } from "../support/lambda/ingest.ts";
import { type PackagedFunction, packageAndUnpack } from "../support/lambda/packaged.ts";
import { keptOfEach, linesBeside, manners, startUnwilling, weighing } from "./unwilling.ts";

// Some minutes, so by name alone.
const weaviate = await weaviateBinary();
const skip = process.platform === "linux" ? weaviate.skip : "the package's binaries are for Linux";

describe("the query function that ships, 10,000 requests long", { skip }, () => {
  let server: Weaviate;
  let packaged: PackagedFunction;
  let documents = "";
  before(async () => {
    server = await startWeaviate();
    documents = mkdtempSync(join(tmpdir(), "isthmus-long-"));
    writeFileSync(join(documents, "a.md"), "# Deletion\n\nA document is deleted by its tombstone.");
    await ingestFolder(documents, localWeaviate(server, server.keys.writer));
    packaged = await packageAndUnpack();
  });
  after(async () => {
    await packaged?.remove();
    await server?.stop();
    if (documents !== "") rmSync(documents, { recursive: true });
  });

  it("answers each and keeps nothing of them, under a collector that refuses, is full, breaks off, hangs and is late", async (context) => {
    const collector = await startUnwilling();
    const weigh = weighing();
    const container = await startContainer({
      folder: packaged.folder,
      environment: {
        WEAVIATE_URL: server.url,
        WEAVIATE_GRPC_URL: server.grpcUrl,
        WEAVIATE_API_KEY: server.keys.reader,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_TIMEOUT: "200",
        ...weigh.environment,
      },
    });
    try {
      const kept = await keptOfEach(container, weigh, () => ask(container), { before: 4_000, measured: 6_000 });
      assert.ok(collector.heard >= manners.length, `${collector.heard} batches were tried`);
      // The spans of a request that are kept beyond their bound are 1,075 bytes.
      assert.ok(kept < 500, `${kept.toFixed(0)} bytes of each request are kept`);
      context.diagnostic(`${kept.toFixed(0)} bytes of each request are kept; ${collector.heard} batches were tried`);
      assert.deepEqual(linesBeside(container), []);
    } finally {
      await container.stop();
      collector.close();
      weigh.remove();
    }
  });
});
