import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchSettings, suiteWithWeaviate } from "../../../../test/support/weaviate.ts";
import { attempt, chunk, commitOf, rejectsWith } from "../contract/harness.ts";
import { identity, message, URI, withDocument } from "./failures.testing.ts";
import { serverFailure } from "./failures.ts";
import { createWeaviateStore, dropCollections } from "./store.ts";

test("a server short of memory is waited for; one whose disk is full is not", () => {
  // Its own words for both (1.39: entities/errors/transient.go, adapters/repos/db/shard_status.go).
  const memory = serverFailure("cannot process batch: not enough memory", "https://weaviate:50051");
  assert.deepEqual([memory.code, memory.retryable], ["store_unavailable", true]);
  assert.doesNotMatch(memory.message, /volume/);
  const disk = serverFailure("store is read-only due to: disk usage too high", "https://weaviate:50051");
  assert.deepEqual([disk.code, disk.retryable], ["store_full", false]);
});

await suiteWithWeaviate("a Weaviate that cannot be used", {}, (weaviate) => {
  test("a wrong key is named, with the variable to set, by readers and writers", () =>
    withDocument(weaviate(), async (settings) => {
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
    withDocument(weaviate(), async (settings, { keys }) => {
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

  test("an object that the server refuses fails with its reason, and those beside it in the request are kept", () =>
    withDocument(weaviate(), async (settings) => {
      const store = createWeaviateStore(settings);
      const writer = await store.openWriter(identity);
      try {
        const [good, bad] = [attempt("gs://bucket/good.txt"), attempt("gs://bucket/bad.txt")];
        const odd = { ...chunk(bad, 0, 16), id: "not text", start: "seven" as unknown as number };
        const [kept, broken] = [writer.begin(good), writer.begin(bad)];
        const outcomes = await Promise.allSettled([kept.put([chunk(good, 0, 16)]), broken.put([odd])]);
        assert.equal(outcomes[0]?.status, "fulfilled");
        const refused = outcomes[1];
        assert.ok(refused?.status === "rejected");
        rejectsWith("store_failed")(refused.reason);
        assert.match(String(refused.reason), /start/);
        await kept.commit(commitOf(good, 1));
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
