import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt, chunk, row } from "../../src/adapters/store/contract/harness.ts";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import { commit } from "../../src/core/ingest/document.ts";
import { seeded } from "../support/seeded.ts";
import { scratchSettings, suiteWithWeaviate, witness } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
const documents = 250;
const chunksPerDocument = 40;
const writersAtOnce = 8;
/** Each costs the cluster some ten seconds. */
const mostKills = 5;

await suiteWithWeaviate("three nodes, of which one is down again and again", { nodes: 3 }, (weaviate) => {
  test(`an import of ${documents * chunksPerDocument} chunks goes through, and every one is readable at QUORUM`, async (context) => {
    const random = seeded(context);
    const settings = scratchSettings(weaviate());
    const store = createWeaviateStore(settings);
    const writer = await store.openWriter(identity);
    let importing = true;
    let kills = 0;
    const killing = (async () => {
      while (importing && kills < mostKills) {
        const node = weaviate().nodes[Math.floor(random() * 3)];
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
          const of = attempt(`gs://bucket/${number}`);
          const chunks = Array.from({ length: chunksPerDocument }, (_, ordinal) => chunk(of, ordinal, 16));
          await writer.put(of, chunks);
          await commit({ writer }, row(of, chunks.length));
        }
      };
      await Promise.all(Array.from({ length: writersAtOnce }, work));
    } finally {
      importing = false;
      await killing;
    }
    context.diagnostic(`${kills} kills`);
    assert.ok(kills >= 3, `only ${kills} nodes were killed: the import was over before`);
    const all = documents * chunksPerDocument;
    assert.equal((await writer.count("")).chunks, all);
    assert.equal(await readableAtQuorum(settings.collection), all, "every chunk that was acknowledged");
    const reader = await store.openReader(identity);
    for (const number of [0, 100, documents - 1]) {
      const query = {
        mode: "keyword",
        limit: 100,
        terms: ["common"],
        filter: { uri: `gs://bucket/${number}` },
      } as const;
      const own = (await reader.search(query)).filter(({ uri }) => uri === `gs://bucket/${number}`);
      assert.equal(own.length, chunksPerDocument);
    }
    await reader.close();
    await writer.close();
    await dropCollections(settings);
  });

  /** Fetches each object by its id at QUORUM, by Weaviate's own client. */
  async function readableAtQuorum(collection: string): Promise<number> {
    const client = await witness(weaviate());
    try {
      const ids: string[] = [];
      for await (const { uuid } of client.collections.use(collection).iterator()) ids.push(uuid);
      const quorum = client.collections.use(collection).withConsistency("QUORUM");
      let readable = 0;
      for (let from = 0; from < ids.length; from += 500) {
        const wanted = quorum.filter.byId().containsAny(ids.slice(from, from + 500));
        const { objects } = await quorum.query.fetchObjects({ filters: wanted, limit: 500 });
        readable += objects.length;
      }
      return readable;
    } finally {
      await client.close();
    }
  }
});
