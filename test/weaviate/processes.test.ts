import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { vectorOf } from "../../src/adapters/store/contract/harness.ts";
import { createWeaviateStore, dropCollections } from "../../src/adapters/store/weaviate/store.ts";
import { supersedes } from "../../src/core/order.ts";
import type { DocumentRow } from "../../src/core/types.ts";
import { testSeed } from "../support/seed.ts";
import { objectsOf, scratchSettings, suiteWithWeaviate } from "../support/weaviate.ts";

const identity = { model: "test/model", dimensions: 16, revision: "1" };
const child = join(import.meta.dirname, "writer-child.ts");
const processes = 4;
const documents = 5;
const rounds = 12;

await suiteWithWeaviate("writers in processes of their own", {}, (weaviate) => {
  test(`${processes} of them at ${documents} documents end where the order says, and readers never see a mixture`, async (context) => {
    context.diagnostic(`seed ${testSeed} (ISTHMUS_TEST_SEED repeats it)`);
    const settings = scratchSettings(weaviate());
    const store = createWeaviateStore(settings);
    await (await store.openWriter(identity)).close();
    const reader = await store.openReader(identity);
    try {
      const { keys: _, ...plain } = settings;
      const json = JSON.stringify({ ...plain, key: weaviate().keys.admin });
      let writing = true;
      const watching = watch(reader, () => writing);
      // Heard below; until then a failing watcher must not pass for an unhandled rejection.
      watching.catch(() => undefined);
      const printed = await Promise.all(
        Array.from({ length: processes }, (_, number) =>
          run([json, String(testSeed + number), String(documents), String(rounds)]),
        ),
      );
      writing = false;
      await watching;
      const rows = printed.flat();
      assert.equal(rows.length, processes * rounds);
      const expected = new Map<string, DocumentRow>();
      for (const row of rows) if (supersedes(row, expected.get(row.uri))) expected.set(row.uri, row);
      const uris = [...expected.keys()];
      // A run over the documents: what the writers left undone is done by whoever comes next.
      const next = await store.openWriter(identity);
      await next.entries(uris);
      await next.close();
      for (const { uri, current } of await reader.entries(uris)) {
        const wanted = expected.get(uri);
        assert.deepEqual(current, wanted, uri);
      }
      const { chunks, manifest } = await objectsOf(weaviate(), settings.collection);
      assert.equal(manifest.length, expected.size, "one row is left of each document");
      assert.deepEqual(
        chunks.map(({ properties }) => `${properties["attempt"]} ${properties["ordinal"]}`).sort(),
        [...expected.values()]
          .flatMap((row) => Array.from({ length: row.chunks }, (_, ordinal) => `${row.attempt} ${ordinal}`))
          .sort(),
      );
    } finally {
      await reader.close();
      await dropCollections(settings);
    }
  });
});

async function watch(
  reader: Awaited<ReturnType<ReturnType<typeof createWeaviateStore>["openReader"]>>,
  on: () => boolean,
) {
  while (on()) {
    const hits = await reader.search({ mode: "vector", limit: 100, vector: vectorOf("any", 16) });
    for (let number = 0; number < documents; number++) {
      const own = hits.filter(({ uri }) => uri === `gs://bucket/${number}`);
      assert.ok(new Set(own.map(({ version }) => version)).size <= 1, "one version in one answer");
      assert.ok(own.length === 0 || own.length === 4, `a whole document, not ${own.length} of its 4 chunks`);
    }
  }
}

async function run(args: readonly string[]): Promise<DocumentRow[]> {
  const running = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", child, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  running.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const [code] = await once(running, "close");
  assert.equal(code, 0);
  return printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as DocumentRow);
}
