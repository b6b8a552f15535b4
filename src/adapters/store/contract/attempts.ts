import assert from "node:assert/strict";
import { attempt, type Bench, type ContractTest, chunk, index, row, tombstone, visible } from "./harness.ts";

const URI = "file:///a.txt";

/** Chunks become visible by a commit alone, and a commit replaces all that was. */
export const attemptTests: readonly ContractTest[] = [
  [
    "chunks are invisible until their commit, and all visible after it",
    async (bench) => {
      const one = attempt(URI);
      await put(bench, one, 0, 2);
      assert.deepEqual(await visible(bench, URI), []);
      await put(bench, one, 2, 3);
      assert.deepEqual(await visible(bench, URI), []);
      await bench.writer.commit(row(one, 3));
      assert.deepEqual(
        await visible(bench, URI),
        [0, 1, 2].map((ordinal) => `${URI} v1 ${ordinal}`),
      );
    },
  ],
  [
    "an attempt too large to be held in memory stays invisible until its commit",
    async (bench) => {
      const [one, two] = [attempt(URI, 1), attempt(URI, 2)];
      await index(bench, one, [{}]);
      for (let from = 0; from < 700; from += 100) await put(bench, two, from, from + 100);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`]);
      await bench.writer.commit(row(two, 700));
      await bench.writer.retire(two);
      const seen = await visible(bench, URI);
      assert.equal(seen.length, 700);
      assert.ok(seen.every((name) => name.includes(" v2 ")));
      await bench.writer.commit(tombstone(two));
      assert.deepEqual(await visible(bench, URI), []);
    },
  ],
  [
    "writing the same chunks and committing again changes nothing",
    async (bench) => {
      const one = attempt(URI);
      await index(bench, one, [{}, {}]);
      const before = await bench.reader.entries([URI]);
      await put(bench, one, 0, 2);
      await put(bench, one, 0, 2);
      await bench.writer.commit(row(one, 2));
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`, `${URI} v1 1`]);
      assert.deepEqual(await bench.reader.entries([URI]), before);
    },
  ],
  [
    "giving up a second attempt at the committed version keeps what is committed",
    async (bench) => {
      const one = attempt(URI);
      await index(bench, one, [{}]);
      for (let from = 0; from < 600; from += 100) await put(bench, one, from, from + 100);
      await bench.writer.discard(one);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`]);
    },
  ],
  [
    "discarding an attempt right after its commit keeps what is committed",
    async (bench) => {
      const one = attempt(URI);
      await index(bench, one, [{}]);
      await bench.writer.discard(one);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`]);
    },
  ],
  [
    "a discarded attempt leaves nothing for a later commit to show",
    async (bench) => {
      const [one, two] = [attempt(URI, 1), attempt(URI, 2)];
      await index(bench, one, [{}]);
      await put(bench, two, 0, 400);
      await bench.writer.discard(two);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`]);
      await put(bench, two, 0, 1);
      await bench.writer.commit(row(two, 1));
      await bench.writer.retire(two);
      assert.deepEqual(await visible(bench, URI), [`${URI} v2 0`]);
    },
  ],
  [
    "retiring drops orders below and other versions of the same order, and never the current one",
    async (bench) => {
      const [one, two] = [attempt(URI, 1), attempt(URI, 2)];
      const twin = attempt(URI, 2, { version: "other" });
      const [first] = await index(bench, one, [{ content: "only in the first" }]);
      // Enough to be staged by a store that holds small attempts in memory.
      for (let from = 0; from < 600; from += 100) await put(bench, twin, from, from + 100);
      await put(bench, two, 0, 1);
      await bench.writer.retire(one);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`]);
      await bench.writer.commit(row(two, 1));
      await bench.writer.retire(two);
      assert.deepEqual(await visible(bench, URI), [`${URI} v2 0`]);
      assert.equal((await bench.writer.vectors([first?.textHash ?? ""])).size, 0, "its vectors are gone too");
      const twins = Array.from({ length: 600 }, (_, at) => chunk(twin, at, bench.identity.dimensions).textHash);
      assert.equal((await bench.writer.vectors(twins)).size, 0, "nor is anything left of the twin");
    },
  ],
  [
    "retiring drops what was superseded while a large newer attempt is being written",
    async (bench) => {
      const [one, two, three] = [attempt(URI, 1), attempt(URI, 2), attempt(URI, 3)];
      const old = Array.from({ length: 300 }, (_, at) => chunk(one, at, bench.identity.dimensions));
      for (let from = 0; from < 2_400; from += 200) await put(bench, three, from, from + 200);
      await bench.writer.put(one, old);
      await put(bench, two, 0, 1);
      await bench.writer.commit(row(two, 1));
      await bench.writer.retire(two);
      const left = await bench.writer.vectors(old.map(({ textHash }) => textHash));
      assert.equal(left.size, 0, "nothing is left of the first");
      await bench.writer.commit(row(three, 2_400));
      const hits = await bench.reader.search({ mode: "keyword", limit: 1_000, terms: ["common"] });
      assert.equal(hits.length, 1_000);
      assert.ok(hits.every(({ version }) => version === "v3"));
    },
  ],
  [
    "the same version under a new fingerprint replaces the old chunks",
    async (bench) => {
      const one = attempt(URI);
      const again = { ...one, order: { generation: 1, reindex: 1 }, fingerprint: "f2" };
      await index(bench, one, [{}, {}, {}]);
      await index(bench, again, [{}]);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`]);
      assert.equal((await bench.reader.entries([URI]))[0]?.current?.fingerprint, "f2");
    },
  ],
  [
    "a restored older version, with the chunk ids it had before, is shown again",
    async (bench) => {
      const back = attempt(URI, 3, { version: "v1" });
      await index(bench, attempt(URI, 1), [{}, {}]);
      await put(bench, back, 0, 1);
      await index(bench, attempt(URI, 2), [{}]);
      await put(bench, back, 1, 2);
      await bench.writer.commit(row(back, 2));
      await bench.writer.retire(back);
      assert.deepEqual(await visible(bench, URI), [`${URI} v1 0`, `${URI} v1 1`]);
    },
  ],
  [
    "a document of no chunks is committed and found by nothing",
    async (bench) => {
      await index(bench, attempt(URI, 1), [{}]);
      await bench.writer.commit(row(attempt(URI, 2), 0));
      await bench.writer.retire(attempt(URI, 2));
      assert.deepEqual(await visible(bench, URI), []);
      assert.equal((await bench.reader.entries([URI]))[0]?.current?.version, "v2");
    },
  ],
];

async function put(bench: Bench, of: ReturnType<typeof attempt>, from: number, to: number): Promise<void> {
  const chunks = Array.from({ length: to - from }, (_, index) => chunk(of, from + index, bench.identity.dimensions));
  await bench.writer.put(of, chunks);
}
