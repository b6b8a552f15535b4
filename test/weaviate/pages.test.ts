import assert from "node:assert/strict";
import { test } from "node:test";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import type { StoreReader } from "../../src/core/ports.ts";
import { seeded } from "../support/seeded.ts";
import { scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
/** More than are read in one request, so that the keys are divided; their names share long beginnings, and one is all of it. */
const uris = [
  "gs://bucket/d",
  ...Array.from({ length: 6_500 }, (_, number) => `gs://bucket/d/${number % 13 === 0 ? "Ä" : "a"}/file-${number}.txt`),
  "gs://bucket/e",
];

await suiteWithWeaviate("a manifest larger than one answer", {}, (weaviate) => {
  test("pages give every URI once and in order, from the start and from anywhere", async (context) => {
    const random = seeded(context);
    const settings = scratchSettings(weaviate());
    const store = createWeaviateStore(settings);
    const writer = await store.openWriter(identity);
    const reader = await store.openReader(identity);
    try {
      await Promise.all(uris.map((uri) => writer.recordFailure(failureOf(uri))));
      const inOrder = uris.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(await walk(reader, "", 1_000), inOrder);
      const under = inOrder.filter((uri) => uri.startsWith("gs://bucket/d/Ä/"));
      assert.deepEqual(await walk(reader, "gs://bucket/d/Ä/", 300), under);
      for (let time = 0; time < 5; time++) {
        const from = Math.floor(random() * inOrder.length);
        const page = await reader.page("gs://bucket/", inOrder[from], 3);
        assert.deepEqual(
          page.map(({ uri }) => uri),
          inOrder.slice(from + 1, from + 4),
        );
      }
      // A page that follows another shows what has gone in between.
      const first = await reader.page("gs://bucket/", undefined, 2);
      await writer.clearFailures([inOrder[2] ?? ""]);
      const next = await reader.page("gs://bucket/", first.at(-1)?.uri, 2);
      assert.deepEqual(
        next.map(({ uri }) => uri),
        inOrder.slice(3, 5),
      );
    } finally {
      await reader.close();
      await writer.close();
      await dropCollections(settings);
    }
  });
});

async function walk(reader: StoreReader, prefix: string, limit: number): Promise<string[]> {
  const seen: string[] = [];
  for (;;) {
    const page = await reader.page(prefix, seen.at(-1), limit);
    if (page.length === 0) return seen;
    seen.push(...page.map(({ uri }) => uri));
  }
}

function failureOf(uri: string) {
  const at = "2026-01-01T00:00:00.000Z";
  return {
    uri,
    version: "1",
    fingerprint: "f",
    code: "parse_failed",
    reason: "bad",
    attempts: 1,
    state: "failed",
    at,
  } as const;
}
