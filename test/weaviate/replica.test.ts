import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt, chunksOf, tombstone, vectorOf, write } from "../../src/adapters/store/contract/harness.ts";
import { checkCollections } from "../../src/adapters/store/weaviate/collections.ts";
import { createConnection } from "../../src/adapters/store/weaviate/connection.ts";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import type { Hit } from "../../src/core/types.ts";
import type { Weaviate } from "../peers/weaviate.ts";
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

  test("a reader is told by any node what the collections are: the leader may be the one that is away", async () => {
    const { nodes } = weaviate();
    const settings = scratchSettings(weaviate());
    await (await createWeaviateStore(settings).openWriter(identity)).close();
    const leading = await leader(weaviate());
    assert.match(leading, /^node[123]$/);
    const alone = nodes.find((_, index) => `node${index + 1}` !== leading);
    assert.ok(alone !== undefined);
    const others = nodes.filter((node) => node !== alone);
    const there = { ...settings, url: alone.url, grpcUrl: alone.grpcUrl };
    const connection = createConnection(there, "read");
    try {
      // One that lives has no leader any more, and cannot become one.
      await Promise.all(others.map((node) => node.pause()));
      await checkCollections(connection.http, there, identity);
    } finally {
      for (const node of others) node.resume();
      connection.close();
    }
  });
});

/** The name of the node that leads: node1, node2 or node3, in the order of the peer's nodes. */
async function leader({ url, keys }: Weaviate): Promise<string> {
  const headers = { authorization: `Bearer ${keys.admin}` };
  const answer = await fetch(`${url}/v1/cluster/statistics`, { headers });
  const { statistics } = (await answer.json()) as { readonly statistics: readonly { readonly leaderId: string }[] };
  return statistics[0]?.leaderId ?? "";
}

function namesOf(hits: readonly Hit[]): string[] {
  return hits.map(({ uri, version }) => `${uri} ${version}`).sort();
}
