import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchSettings, suiteWithWeaviate, witness } from "../../../../test/support/weaviate.ts";
import { attempt, index, tombstone, vectorOf, write } from "../contract/harness.ts";
import { createConnection } from "./connection.ts";
import { exportObjects } from "./export.ts";
import { identity, message, URI } from "./failures.testing.ts";
import { chunkCollectionSchema, manifestCollectionSchema } from "./schema.ts";
import { createWeaviateStore, dropCollections } from "./store.ts";

await suiteWithWeaviate("collections", {}, (weaviate) => {
  test("an export says whether the collection is missing, or may not be listed", async () => {
    const settings = scratchSettings(weaviate());
    const client = await witness(weaviate());
    const exporting = async (name: string) => {
      for await (const { id } of exportObjects(settings, name, "content")) assert.fail(id);
    };
    try {
      await client.collections.create({ name: settings.collection, multiTenancy: { enabled: true } });
      assert.match(await message(exporting("NotThere"), "store_missing"), /no collection "NotThere"/);
      assert.match(await message(exporting(settings.collection), "store_failed"), /multi-tenancy/);
    } finally {
      await client.close();
      await dropCollections(settings);
    }
  });

  test("two starters at once create them once, and both can write", async () => {
    const settings = scratchSettings(weaviate(), { rangeKeys: ["year"] });
    try {
      const store = createWeaviateStore(settings);
      const writers = await Promise.all(Array.from({ length: 4 }, () => store.openWriter(identity)));
      for (const [number, writer] of writers.entries()) {
        await write(writer, attempt(`gs://bucket/${number}`));
        await writer.close();
      }
      const reader = await store.openReader(identity);
      assert.equal((await reader.count("")).documents, 4);
      await reader.close();
    } finally {
      await dropCollections(settings);
    }
  });

  test("a manifest of before removals were counted gets its property from the next writer, and readers need none", async () => {
    const settings = scratchSettings(weaviate());
    const description = `Isthmus index ${JSON.stringify({ schema: 1, ...identity })}`;
    const connection = createConnection(settings, "write");
    try {
      const { properties, ...manifest } = manifestCollectionSchema(settings, description);
      const before = properties.filter(({ name }) => name !== "removedMs");
      assert.equal(before.length, properties.length - 1);
      for (const schema of [chunkCollectionSchema(settings, description), { ...manifest, properties: before }]) {
        assert.equal((await connection.http.send("POST", "/v1/schema", schema)).status, 200);
      }
      const store = createWeaviateStore(settings);
      const reader = await store.openReader(identity);
      for await (const { uri } of reader.held("")) assert.fail(uri);
      await reader.close();
      const writer = await store.openWriter(identity);
      const of = attempt("gs://bucket/a");
      await write(writer, of);
      await writer.remove([tombstone(of)]);
      assert.equal(await writer.removedLately("gs://bucket/", 60_000), 1);
      await writer.close();
    } finally {
      connection.close();
      await dropCollections(settings);
    }
  });

  test("more copies than there are nodes: the variable is named", async () => {
    const store = createWeaviateStore(scratchSettings(weaviate(), { replicationFactor: 3 }));
    const text = await message(store.openWriter(identity), "store_unavailable");
    assert.match(text, /1 available, 3 requested.*set it to 1 for a single node/);
  });

  test("a collection that someone else made is named, and left as it is", async () => {
    const settings = scratchSettings(weaviate());
    const client = await witness(weaviate());
    try {
      const foreign = await client.collections.create({
        name: settings.collection,
        properties: [{ name: "content", dataType: "text" }],
      });
      await foreign.data.insert({ properties: { content: "the prototype's" }, vectors: [...vectorOf("a", 16)] });
      const before = await client.collections.export(settings.collection);
      const store = createWeaviateStore(settings);
      assert.match(await message(store.openWriter(identity), "store_mismatch"), /ISTHMUS_COLLECTION/);
      assert.match(await message(store.openReader(identity), "store_mismatch"), /not made by Isthmus/);
      assert.deepEqual(await client.collections.export(settings.collection), before);
      assert.equal((await foreign.aggregate.overAll()).totalCount, 1);
      assert.ok(!(await client.collections.exists(`${settings.collection}Manifest`)), "nothing was made beside it");
    } finally {
      await client.close();
      await dropCollections(settings);
    }
  });

  test("a range key declared later gets its property, and finds what is written from then on", async () => {
    const settings = scratchSettings(weaviate());
    try {
      await (await createWeaviateStore(settings).openWriter(identity)).close();
      const store = createWeaviateStore({ ...settings, rangeKeys: ["year", "größe in mm"] });
      const [writer, reader] = [await store.openWriter(identity), await store.openReader(identity)];
      const bench = { store, identity, writer, reader };
      await index(bench, attempt(URI), [
        { metadata: { year: 2001, "größe in mm": "12.5" } },
        { metadata: { year: 1999 } },
      ]);
      const query = { mode: "keyword", limit: 5, terms: ["common"] } as const;
      const found = await reader.search({ ...query, filter: { range: { year: { from: 2000 } } } });
      assert.equal(found.length, 1);
      const sized = await reader.search({ ...query, filter: { range: { "größe in mm": { to: 13 } } } });
      assert.equal(sized.length, 1);
      await writer.close();
      await reader.close();
    } finally {
      await dropCollections(settings);
    }
  });
});
