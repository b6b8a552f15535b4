import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createWeaviateStore } from "../../src/adapters/store/weaviate/store.ts";
import { isSound, verifyIndex } from "../../src/core/verify.ts";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";
import { createWorkspace, openTestEngine } from "../support/workspace.ts";

const documents = 40;
const clean = { missing: 0, duplicated: 0, foreign: 0, vector: 0, unindexed: 0 };
const folder = mkdtempSync(join(tmpdir(), "isthmus-unindexed-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

await suiteWithWeaviate("a vector index that lost the end of its log with the server", { folder }, (weaviate) => {
  test("a verification finds the chunks that no search by vector does, and a repair has them written again", async () => {
    const workspace = createWorkspace();
    const embedder = createHashEmbedder();
    const settings = scratchSettings(weaviate());
    const openStore = () => createWeaviateStore({ ...settings, url: weaviate().url, grpcUrl: weaviate().grpcUrl });
    const ingest = async () => {
      const engine = await openTestEngine(workspace, { store: openStore(), embedder });
      try {
        return await engine.ingest();
      } finally {
        await engine.close();
      }
    };
    const verify = async (repair: boolean) => {
      const audit = await openStore().openAudit(embedder.identity, repair ? "repair" : "look");
      try {
        return await verifyIndex(audit, { repair, allowMassDelete: true });
      } finally {
        await audit.close();
      }
    };
    /** Documents that a search within each of them finds. */
    const found = async (mode: "vector" | "keyword") => {
      const reader = await openStore().openReader(embedder.identity);
      try {
        let count = 0;
        for (let number = 0; number <= documents; number++) {
          const filter = { uri: `file://${workspace.path(`${number}.md`)}` };
          const [vector] = await embedder.embed([`word${number}`]);
          const query = { terms: [`word${number}`], ...(vector && { vector }) };
          const result = await reader.search({ mode, ...query, limit: 1, filter });
          if (result.length > 0) count++;
        }
        return count;
      } finally {
        await reader.close();
      }
    };
    const write = (number: number) =>
      writeFileSync(workspace.path(`${number}.md`), `# Document ${number}\n\nIt says word${number} and little else.\n`);
    try {
      for (let number = 0; number < documents; number++) write(number);
      await ingest();
      assert.ok(isSound(await verify(false)));
      await weaviate().nodes[0]?.kill();
      // The server keeps its log in memory for a while: what has come to the disk by now is taken away as well.
      const logs = globSync(join(folder, "*", settings.collection.toLowerCase(), "*", "*.hnsw.commitlog.d", "*"));
      assert.notEqual(logs.length, 0);
      for (const log of logs) truncateSync(log);
      await weaviate().nodes[0]?.restart();
      write(documents);
      await ingest();
      assert.deepEqual([await found("keyword"), await found("vector")], [documents + 1, 1]);
      const report = await verify(false);
      assert.deepEqual([report.damaged, report.problems], [documents, { ...clean, unindexed: documents }]);
      assert.ok(!isSound(report));
      assert.ok((await verify(true)).repaired);
      await ingest();
      assert.deepEqual([await found("keyword"), await found("vector")], [documents + 1, documents + 1]);
      const again = await verify(true);
      assert.deepEqual([again.damaged, again.orphaned.attempts, again.repaired], [0, 0, false]);
    } finally {
      workspace.remove();
    }
  });
});
