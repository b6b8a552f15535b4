import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { vectorOf } from "../../src/adapters/store/contract/harness.ts";
import { identity, withDocument } from "../../src/adapters/store/weaviate/failures.testing.ts";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { verifyIndex } from "../../src/core/verify.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";

const { skip } = await weaviateBinary();

suite("a server that lost what its vector index knew", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-lost-vectors-"));
  let weaviate: Weaviate;
  before(async () => {
    weaviate = await startWeaviate({ folder });
  });
  after(async () => {
    await weaviate?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  /** What a kill between an acknowledgement and the disk takes: the log of the graph, and nothing of the objects. */
  async function loseGraphs(): Promise<number> {
    const [node] = weaviate.nodes;
    await node?.kill();
    const logs = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name.endsWith(".hnsw.commitlog.d"),
    );
    for (const { parentPath, name } of logs) rmSync(join(parentPath, name), { recursive: true });
    await node?.restart();
    return logs.length;
  }

  test("its chunks are there and no search by vector finds them: verify says so, and a repair lets them be written again", () =>
    withDocument(weaviate, async (settings) => {
      const found = async () => {
        const { url, grpcUrl } = weaviate;
        const reader = await createWeaviateStore({ ...settings, url, grpcUrl }).openReader(identity);
        try {
          return (await reader.search({ mode: "vector", limit: 1, vector: vectorOf("a", 16) })).length;
        } finally {
          await reader.close();
        }
      };
      const verified = async (mode: "look" | "repair") => {
        const { url, grpcUrl } = weaviate;
        const audit = await createWeaviateStore({ ...settings, url, grpcUrl }).openAudit(identity, mode);
        try {
          return await verifyIndex(audit, { repair: mode === "repair" });
        } finally {
          await audit.close();
        }
      };
      assert.equal(await found(), 1);
      assert.equal((await verified("look")).damaged, 0);
      assert.ok((await loseGraphs()) > 0);
      assert.equal(await found(), 0);
      const { damaged, problems } = await verified("look");
      assert.deepEqual([damaged, problems.unindexed, problems.missing], [1, 1, 0]);
      await verified("repair");
      const after = await verified("repair");
      assert.deepEqual([after.documents, after.damaged, after.repaired], [0, 0, false]);
    }));
});
