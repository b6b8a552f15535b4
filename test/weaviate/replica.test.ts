import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt, chunksOf, tombstone, vectorOf, write } from "../../src/adapters/store/contract/harness.ts";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import type { Hit } from "../../src/core/types.ts";
import { scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
const query = { mode: "vector", limit: 10, vector: vectorOf("any", 16) } as const;

// Nothing mends the replica but the reads themselves: so it lags for as long as the test looks at it.
const environment = { ASYNC_REPLICATION_DISABLED: "true" };

await suiteWithWeaviate("a replica that was away", { nodes: 3, environment }, (weaviate) => {
  test("what was deleted or replaced meanwhile is not shown by it, in the first answer either", async (context) => {
    const settings = scratchSettings(weaviate());
    const [, , away] = weaviate().nodes;
    assert.ok(away !== undefined);
    const [kept, deleted, replaced] = ["kept", "deleted", "replaced"].map((name) => `gs://bucket/${name}`) as [
      string,
      string,
      string,
    ];
    const writer = await createWeaviateStore(settings).openWriter(identity);
    const writeAt = async (uri: string, generation: number) => {
      const of = attempt(uri, generation);
      await write(writer, of, chunksOf(of, 2, 16));
    };
    try {
      for (const uri of [kept, deleted, replaced]) await writeAt(uri, 1);
      await away.kill();
      await writer.remove([tombstone(attempt(deleted, 1))]);
      await writeAt(replaced, 2);
      await away.restart();
      const there = { ...settings, url: away.url, grpcUrl: away.grpcUrl };
      const reader = await createWeaviateStore(there).openReader(identity);
      try {
        // Later than the time for which every search is repeated, which would hide a wrong first answer.
        context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 3_600_000 });
        const wrong = namesOf(await reader.search(query)).filter(
          (name) => name !== `${kept} v1` && name !== `${replaced} v2`,
        );
        assert.deepEqual(wrong, []);
      } finally {
        await reader.close();
      }
    } finally {
      await writer.close();
      await dropCollections(settings);
    }
  });
});

function namesOf(hits: readonly Hit[]): string[] {
  return hits.map(({ uri, version }) => `${uri} ${version}`).sort();
}
