import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt, chunksOf, write } from "../../src/adapters/store/contract/harness.ts";
import { chunkObjectId } from "../../src/adapters/store/weaviate/ids.ts";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import { seeded } from "../support/seeded.ts";
import { scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
const documents = 250;
const chunksPerDocument = 40;
const writersAtOnce = 8;
const readersAtOnce = 16;
/** Asynchronous repair compares the replicas every 30 s. */
const catchUpMs = 180_000;
/** Each costs the cluster some ten seconds. */
const mostKills = 5;
const fewestKills = 3;

await suiteWithWeaviate("three nodes, of which one is down again and again", { nodes: 3 }, (weaviate) => {
  test(`an import of ${documents * chunksPerDocument} chunks goes through, and every one is readable at QUORUM`, async (context) => {
    const random = seeded(context);
    const settings = scratchSettings(weaviate());
    const store = createWeaviateStore(settings);
    const writer = await store.openWriter(identity);
    const acknowledged: string[] = [];
    let importing = true;
    let kills = 0;
    // Always the same one, and not the one that the writer talks to: of the two that acknowledge a write, one stays up.
    const node = weaviate().nodes[1 + Math.floor(random() * 2)];
    const killing = (async () => {
      while (importing && kills < mostKills) {
        await sleep(200 + random() * 600);
        if (!importing) return;
        kills++;
        await node?.kill();
        await sleep(random() * 1_000);
        await node?.restart();
      }
    })();
    // Heard below.
    killing.catch(() => undefined);
    try {
      let next = 0;
      const work = async () => {
        for (let number = next++; number < documents; number = next++) {
          // On a fast machine the import would be over before: each quarter of it waits until one more node was killed.
          while (kills < Math.min(fewestKills, Math.floor((number * 4) / documents))) await sleep(20);
          const of = attempt(`gs://bucket/${number}`);
          const chunks = chunksOf(of, chunksPerDocument, 16);
          const { row } = await write(writer, of, chunks);
          acknowledged.push(...chunks.map(({ id }) => chunkObjectId(row.attempt, id)));
        }
      };
      await Promise.all(Array.from({ length: writersAtOnce }, work));
    } finally {
      importing = false;
      await killing;
    }
    context.diagnostic(`${kills} kills`);
    assert.ok(kills >= fewestKills, `only ${kills} nodes were killed: the import was over before`);
    const all = documents * chunksPerDocument;
    assert.deepEqual(await missingAtQuorum(settings.collection, acknowledged), [], "every chunk that was acknowledged");
    // Counts and searches run on one replica; the one that was away catches up by itself.
    await eventually(async () => (await writer.count("")).chunks === all);
    const reader = await store.openReader(identity);
    for (const number of [0, 100, documents - 1]) {
      const query = {
        mode: "keyword",
        limit: 100,
        terms: ["common"],
        filter: { uri: `gs://bucket/${number}` },
      } as const;
      await eventually(async () => {
        const own = (await reader.search(query)).filter(({ uri }) => uri === `gs://bucket/${number}`);
        return own.length === chunksPerDocument;
      });
    }
    await reader.close();
    await writer.close();
    await dropCollections(settings);
  });

  /** Asks for each object by its id: unlike a search, such a read compares the replicas before it answers. */
  async function missingAtQuorum(collection: string, ids: readonly string[]): Promise<string[]> {
    const missing: string[] = [];
    let next = 0;
    const ask = async () => {
      for (let at = next++; at < ids.length; at = next++) {
        const { url, keys } = weaviate();
        const answer = await fetch(`${url}/v1/objects/${collection}/${ids[at]}?consistency_level=QUORUM`, {
          headers: { authorization: `Bearer ${keys.admin}` },
        });
        await answer.arrayBuffer();
        if (answer.status !== 200) missing.push(`${ids[at]} (${answer.status})`);
      }
    };
    await Promise.all(Array.from({ length: readersAtOnce }, ask));
    return missing;
  }
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + catchUpMs;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, "the replica that was away did not catch up");
    await sleep(500);
  }
}
