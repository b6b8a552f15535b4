import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { freePorts } from "../../../../test/peers/ports.ts";
import type { Weaviate } from "../../../../test/peers/weaviate.ts";
import { scratchSettings, suiteWithWeaviate, witness } from "../../../../test/support/weaviate.ts";
import { attempt, chunk, index, rejectsWith, row, vectorOf } from "../contract/harness.ts";
import { exportObjects } from "./export.ts";
import { serverFailure } from "./failures.ts";
import type { WeaviateSettings } from "./settings.ts";
import { createWeaviateStore, dropCollections } from "./store.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
const URI = "gs://bucket/a.txt";

async function message(failing: Promise<unknown>, code: string): Promise<string> {
  let text = "";
  await assert.rejects(failing, (thrown) => {
    rejectsWith(code)(thrown);
    text = (thrown as Error).message;
    return true;
  });
  assert.doesNotMatch(text, /peer-|canary/, "no key in a message");
  return text;
}

test("a server short of memory is waited for; one whose disk is full is not", () => {
  // Its own words for both (1.39: entities/errors/transient.go, adapters/repos/db/shard_status.go).
  const memory = serverFailure("cannot process batch: not enough memory", "https://weaviate:50051");
  assert.deepEqual([memory.code, memory.retryable], ["store_unavailable", true]);
  assert.doesNotMatch(memory.message, /volume/);
  const disk = serverFailure("store is read-only due to: disk usage too high", "https://weaviate:50051");
  assert.deepEqual([disk.code, disk.retryable], ["store_full", false]);
});

await suiteWithWeaviate("a Weaviate that cannot be used", {}, (weaviate) => {
  /** A store with a document in it; removed again at the end. */
  async function withDocument(
    use: (settings: WeaviateSettings, running: Weaviate) => Promise<void>,
    rest: Partial<WeaviateSettings> = {},
  ): Promise<void> {
    const settings = scratchSettings(weaviate(), rest);
    const store = createWeaviateStore(settings);
    const writer = await store.openWriter(identity);
    const reader = await store.openReader(identity);
    try {
      await index({ store, identity, writer, reader }, attempt(URI), [{}]);
      await use(settings, weaviate());
    } finally {
      await writer.close();
      await reader.close();
      await dropCollections(settings);
    }
  }

  test("a wrong key is named, with the variable to set, by readers and writers", () =>
    withDocument(async (settings) => {
      let asked = 0;
      const keys = {
        current: async () => "canary",
        refresh: async () => {
          asked++;
          return "canary";
        },
      };
      const store = createWeaviateStore({ ...settings, keys });
      assert.match(await message(store.openReader(identity), "store_denied"), /401.*WEAVIATE_API_KEY/);
      assert.match(await message(store.openWriter(identity), "store_denied"), /401.*WEAVIATE_API_KEY/);
      assert.ok(asked > 0, "the key was asked for anew before it was given up");
    }));

  test("a key that was rotated away is asked for anew, once, by calls that were refused together", () =>
    withDocument(async (settings, { keys }) => {
      let current = keys.reader as string;
      let asked = 0;
      const reader = await createWeaviateStore({
        ...settings,
        keys: {
          current: async () => current,
          refresh: async () => {
            asked++;
            return keys.writer;
          },
        },
      }).openReader(identity);
      try {
        assert.equal((await reader.count("")).documents, 1);
        assert.equal(asked, 0);
        current = "canary: never read again while the first is kept";
        assert.equal((await reader.count("")).documents, 1);
        assert.equal(asked, 0);
      } finally {
        await reader.close();
      }
      const stale = await createWeaviateStore({
        ...settings,
        keys: {
          current: async () => "rotated-away",
          refresh: async () => {
            asked++;
            return keys.writer;
          },
        },
      }).openReader(identity);
      try {
        const searches = Array.from({ length: 5 }, () => stale.entries([URI]));
        for (const [entry] of await Promise.all(searches)) assert.equal(entry?.current?.version, "v1");
        assert.equal(asked, 1);
      } finally {
        await stale.close();
      }
    }));

  test("nothing there, a name without an address, and a port of something else each get a sentence of their own", () =>
    withDocument(async (settings) => {
      const [nobody = 0] = await freePorts(1);
      const silent = { ...settings, url: `http://127.0.0.1:${nobody}`, timeoutMs: 2_000 };
      assert.match(
        await message(createWeaviateStore(silent).openReader(identity), "store_unavailable"),
        /nothing listens there/,
      );
      const unknown = { ...settings, url: "http://no-such-host.invalid:8080" };
      assert.match(
        await message(createWeaviateStore(unknown).openReader(identity), "store_unavailable"),
        /no address.*DNS/,
      );
      const other = createServer((_, response) => response.end("<html>hello</html>")).listen(0, "127.0.0.1");
      await new Promise((resolve) => other.once("listening", resolve));
      try {
        const address = other.address();
        const port = typeof address === "object" ? address?.port : 0;
        const wrong = { ...settings, url: `http://127.0.0.1:${port}` };
        assert.match(
          await message(createWeaviateStore(wrong).openReader(identity), "config_invalid"),
          /WEAVIATE_URL must name its HTTP port/,
        );
        const swapped = createWeaviateStore({ ...settings, grpcUrl: settings.url });
        for (const open of [() => swapped.openReader(identity), () => swapped.openWriter(identity)]) {
          assert.match(await message(open(), "config_invalid"), /WEAVIATE_GRPC_URL must name Weaviate's gRPC port/);
        }
        const gone = createWeaviateStore({ ...settings, grpcUrl: silent.url });
        assert.match(await message(gone.openReader(identity), "store_unavailable"), /nothing listens there/);
      } finally {
        other.close();
      }
    }));

  test("a search under a deadline ends by it while the server hangs, and the next one is answered", () =>
    withDocument(async (settings, running) => {
      const reader = await createWeaviateStore(settings).openReader(identity);
      const query = { mode: "vector", limit: 1, vector: vectorOf("a", 16) } as const;
      try {
        assert.equal((await reader.search(query)).length, 1);
        await running.nodes[0]?.pause();
        await message(reader.search(query, AbortSignal.timeout(300)), "deadline_exceeded");
        running.nodes[0]?.resume();
        assert.equal((await reader.search(query)).length, 1);
      } finally {
        running.nodes[0]?.resume();
        await reader.close();
      }
    }));

  test("a reader goes on after the server was killed and started again", () =>
    withDocument(async (settings, running) => {
      const reader = await createWeaviateStore(settings).openReader(identity);
      try {
        const query = { mode: "keyword", limit: 1, terms: ["common"] } as const;
        assert.equal((await reader.search(query)).length, 1);
        await running.nodes[0]?.kill();
        await message(reader.search(query), "store_unavailable");
        await message(reader.check(), "store_unavailable");
        await running.nodes[0]?.restart();
        assert.equal((await reader.search(query)).length, 1);
        await reader.check();
      } finally {
        await reader.close();
      }
    }));

  test("a writer waits for a server that restarts, and loses nothing", () =>
    withDocument(async (settings, running) => {
      const writer = await createWeaviateStore(settings).openWriter(identity);
      try {
        const of = attempt("gs://bucket/b.txt");
        await running.nodes[0]?.kill();
        const putting = writer.put(
          of,
          [0, 1, 2].map((ordinal) => chunk(of, ordinal, 16)),
        );
        await running.nodes[0]?.restart();
        await putting;
        await writer.commit(row(of, 3));
        await writer.retire(of);
        assert.deepEqual(await writer.count("gs://bucket/"), { documents: 2, chunks: 4, failed: 0, skipped: 0 });
      } finally {
        await writer.close();
      }
    }));

  test("an object that the server refuses fails with its reason, and those beside it in the request are kept", () =>
    withDocument(async (settings) => {
      const store = createWeaviateStore(settings);
      const writer = await store.openWriter(identity);
      try {
        const [good, bad] = [attempt("gs://bucket/good.txt"), attempt("gs://bucket/bad.txt")];
        const odd = { ...chunk(bad, 0, 16), id: "not text", ordinal: "seven" as unknown as number };
        const outcomes = await Promise.allSettled([writer.put(good, [chunk(good, 0, 16)]), writer.put(bad, [odd])]);
        assert.equal(outcomes[0]?.status, "fulfilled");
        const refused = outcomes[1];
        assert.ok(refused?.status === "rejected");
        rejectsWith("store_failed")(refused.reason);
        assert.match(String(refused.reason), /ordinal/);
        await writer.commit(row(good, 1));
        assert.equal((await writer.count("gs://bucket/good")).chunks, 1);
      } finally {
        await writer.close();
      }
    }));
});

await suiteWithWeaviate(
  "a Weaviate of small answers",
  { environment: { QUERY_MAXIMUM_RESULTS: "1000" } },
  (weaviate) => {
    test("is told at once, with the setting to change", async () => {
      const settings = scratchSettings(weaviate());
      const writer = await createWeaviateStore(settings).openWriter(identity);
      try {
        assert.match(await message(writer.entries([URI]), "config_invalid"), /QUERY_MAXIMUM_RESULTS to 10000/);
      } finally {
        await writer.close();
        await dropCollections(settings);
      }
    });
  },
);

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
        await writer.commit(row(attempt(`gs://bucket/${number}`), 0));
        await writer.close();
      }
      const reader = await store.openReader(identity);
      assert.equal((await reader.count("")).documents, 4);
      await reader.close();
    } finally {
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
