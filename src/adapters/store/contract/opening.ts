import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attempt,
  type ContractTest,
  chunk,
  commitOf,
  index,
  rejectsWith,
  type StoreContract,
  vectorOf,
  write,
} from "./harness.ts";

/** Who may open what, reading while writing, and what a writer can take from the index. */
export const openingTests: readonly ContractTest[] = [
  [
    "a second writer is refused while the first lives, and let in after",
    async (bench) => {
      await index(bench, attempt("file:///a"), [{}]);
      await assert.rejects(bench.store.openWriter(bench.identity), rejectsWith("store_locked"));
      await index(bench, attempt("file:///b"), [{}]);
      await bench.writer.close();
      const second = await bench.store.openWriter(bench.identity);
      assert.equal((await second.count("")).documents, 2);
      await second.close();
    },
  ],
  [
    "another model, dimension or revision is refused to readers and writers, and changes nothing",
    async (bench) => {
      await index(bench, attempt("file:///a"), [{}]);
      await bench.writer.close();
      const { identity } = bench;
      const others = [
        { ...identity, model: "other/model" },
        { ...identity, dimensions: identity.dimensions * 2 },
        { ...identity, revision: "other" },
      ];
      for (const other of others) {
        await assert.rejects(bench.store.openReader(other), rejectsWith("store_mismatch"));
        await assert.rejects(bench.store.openWriter(other), rejectsWith("store_mismatch"));
      }
      const again = await bench.store.openWriter(identity);
      assert.equal((await again.count("")).chunks, 1);
      await again.close();
    },
  ],
  [
    "two readers see each commit as soon as it is made, whole documents only",
    async (bench) => {
      const second = await bench.store.openReader(bench.identity);
      let writing = true;
      const watch = async (reader: typeof second): Promise<void> => {
        const vector = vectorOf("query", bench.identity.dimensions);
        while (writing) {
          const hits = await reader.search({ mode: "vector", limit: 50, vector });
          const versions = new Set(hits.map(({ version }) => version));
          assert.ok(versions.size <= 1, `one version in one answer, not ${[...versions].join(" and ")}`);
          assert.ok(hits.length === 0 || hits.length === 10, `a whole document, not ${hits.length} of its chunks`);
        }
      };
      const watching = Promise.all([watch(bench.reader), watch(second)]);
      // Handled here at once: a failing watcher must not pass for an unhandled rejection while writing goes on.
      watching.catch(() => undefined);
      for (let generation = 1; generation <= 25; generation++) {
        await index(
          bench,
          attempt("file:///a", generation),
          Array.from({ length: 10 }, () => ({})),
        );
        for (const reader of [bench.reader, second]) {
          const [entry] = await reader.entries(["file:///a"]);
          assert.equal(entry?.current?.order.generation, generation);
        }
      }
      writing = false;
      await watching;
      await second.close();
    },
  ],
  [
    "gives back the vectors of committed texts, bit for bit, by their hash",
    async (bench) => {
      const [one, two] = await index(bench, attempt("file:///a"), [{ content: "one" }, { content: "two" }]);
      assert.ok(one !== undefined && two !== undefined);
      const found = await bench.writer.vectors([one.textHash, "0".repeat(64), two.textHash, one.textHash]);
      assert.deepEqual(
        found,
        new Map([
          [one.textHash, one.vector],
          [two.textHash, two.vector],
        ]),
      );
      assert.deepEqual(await bench.writer.vectors([]), new Map());
    },
  ],
  [
    "a vector of the wrong length is refused before anything is written",
    async (bench) => {
      const of = attempt("file:///a");
      const wrong = chunk(of, 0, bench.identity.dimensions + 1);
      const open = bench.writer.begin(of);
      await assert.rejects(open.put([wrong]), rejectsWith("embedder_mismatch"));
      await assert.rejects(open.commit(commitOf(of, 0)), rejectsWith("internal"));
      await open.abandon();
      await write(bench.writer, of);
      assert.equal((await bench.reader.search({ mode: "keyword", limit: 1, terms: ["common"] })).length, 0);
    },
  ],
  [
    "closing twice is once, and a closed store says so",
    async (bench) => {
      await bench.reader.check();
      await bench.reader.close();
      await bench.reader.close();
      await assert.rejects(bench.reader.check(), rejectsWith("store_unavailable"));
      await bench.writer.close();
      await bench.writer.close();
      await assert.rejects(bench.writer.clearFailures(["x"]), rejectsWith("store_unavailable"));
    },
  ],
];

/** The one test that wants a store nobody has written to. */
export function registerMissing(contract: StoreContract): void {
  test("a reader finds nothing to open, and makes nothing, before the first writer", async () => {
    const { store, cleanup } = await contract.create();
    try {
      await assert.rejects(store.openReader(contract.identity), rejectsWith("store_missing"));
      await assert.rejects(store.openReader(contract.identity), rejectsWith("store_missing"));
    } finally {
      await cleanup();
    }
  });
}
