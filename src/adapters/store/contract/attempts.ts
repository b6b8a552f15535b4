import assert from "node:assert/strict";
import type { Attempt } from "../../../core/types.ts";
import {
  attempt,
  type Bench,
  type ContractTest,
  chunksOf,
  commitOf,
  index,
  rejectsWith,
  tombstone,
  visible,
  write,
} from "./harness.ts";

const URI = "file:///a.txt";
/** Enough to be staged by a store that holds small attempts in memory. */
const MANY = 600;

/** Chunks become visible by a commit alone, a commit replaces all that was, and no attempt touches another's chunks. */
export const attemptTests: readonly ContractTest[] = [
  [
    "chunks are invisible until their commit, and all visible after it",
    async (bench) => {
      const one = bench.writer.begin(attempt(URI));
      await one.put(chunks(bench, attempt(URI), 2));
      assert.deepEqual(await visible(bench, URI), []);
      await one.put(chunks(bench, attempt(URI), 1, 2));
      assert.deepEqual(await visible(bench, URI), []);
      const { row, supersededBy } = await one.commit(commitOf(attempt(URI), 3));
      assert.deepEqual([row.attempt, supersededBy], [one.id, undefined]);
      assert.deepEqual((await bench.reader.entries([URI]))[0]?.current, row);
      assert.deepEqual(await visible(bench, URI), names("v1", 3));
    },
  ],
  [
    "an attempt too large to be held in memory stays invisible until its commit",
    async (bench) => {
      const two = attempt(URI, 2);
      await index(bench, attempt(URI, 1), [{}]);
      const open = bench.writer.begin(two);
      for (let from = 0; from < 700; from += 100) await open.put(chunks(bench, two, 100, from));
      assert.deepEqual(await visible(bench, URI), names("v1", 1));
      await open.commit(commitOf(two, 700));
      const seen = await visible(bench, URI);
      assert.equal(seen.length, 700);
      assert.ok(seen.every((name) => name.includes(" v2 ")));
      await bench.writer.remove([tombstone(two)]);
      assert.deepEqual(await visible(bench, URI), []);
    },
  ],
  [
    "two attempts at one order and version are two: what is given up leaves the other whole",
    async (bench) => {
      for (const count of [2, MANY]) {
        const of = attempt(`file:///${count}`);
        const [kept, given] = [bench.writer.begin(of), bench.writer.begin(of)];
        assert.notEqual(kept.id, given.id);
        await kept.put(chunks(bench, of, 1));
        await given.put(chunks(bench, of, count));
        await kept.put(chunks(bench, of, 1, 1));
        await given.abandon();
        await kept.commit(commitOf(of, 2));
        assert.deepEqual(await visible(bench, of.uri), names("v1", 2, of.uri));
      }
    },
  ],
  [
    "two attempts at one order both commit: one is current and whole, whoever was first, and the other is told",
    async (bench) => {
      const twins: [string, Attempt, Attempt][] = [
        ["two versions", attempt("file:///v", 2), attempt("file:///v", 2, { version: "other" })],
        ["two fingerprints", attempt("file:///f", 2), attempt("file:///f", 2, { fingerprint: "f2" })],
        ["the same twice", attempt("file:///s", 2), attempt("file:///s", 2)],
      ];
      for (const [name, a, b] of twins) {
        await index(bench, attempt(a.uri, 1), [{}, {}, {}]);
        const [first, second] = [bench.writer.begin(a), bench.writer.begin(b)];
        await first.put(chunks(bench, a, 2));
        await second.put(chunks(bench, b, 2));
        // The first commit removes what it replaces, and must leave alone what is still to be committed.
        const one = await first.commit(commitOf(a, 2));
        assert.equal(one.supersededBy, undefined, name);
        assert.deepEqual(await visible(bench, a.uri), names(a.version, 2, a.uri), name);
        const two = await second.commit(commitOf(b, 2));
        const [entry] = await bench.reader.entries([a.uri]);
        const winner = two.supersededBy ?? two.row;
        assert.deepEqual(entry?.current, winner, name);
        assert.deepEqual(await visible(bench, a.uri), names(winner.version, 2, a.uri), name);
      }
    },
  ],
  [
    "abandoning right after a commit keeps what is committed",
    async (bench) => {
      const open = bench.writer.begin(attempt(URI));
      await open.put(chunks(bench, attempt(URI), 1));
      await open.commit(commitOf(attempt(URI), 1));
      await open.abandon();
      assert.deepEqual(await visible(bench, URI), names("v1", 1));
    },
  ],
  [
    "an abandoned attempt leaves nothing",
    async (bench) => {
      await index(bench, attempt(URI, 1), [{}]);
      for (const count of [5, MANY]) {
        const two = attempt(URI, 2, { version: `of ${count}` });
        const open = bench.writer.begin(two);
        const put = chunks(bench, two, count);
        await open.put(put);
        await open.abandon();
        await open.abandon();
        assert.deepEqual(await visible(bench, URI), names("v1", 1));
        assert.equal((await bench.writer.vectors(put.map(({ textHash }) => textHash))).size, 0);
      }
    },
  ],
  [
    "a commit takes away what it replaces, and nothing that another attempt has put",
    async (bench) => {
      const [one, two, three] = [attempt(URI, 1), attempt(URI, 2), attempt(URI, 3)];
      const [replaced] = await index(bench, one, [{ content: "only in the first" }]);
      const coming = bench.writer.begin(three);
      for (let from = 0; from < 2_400; from += 200) await coming.put(chunks(bench, three, 200, from));
      await write(bench.writer, two, chunks(bench, two, 1));
      assert.equal((await bench.writer.vectors([replaced?.textHash ?? ""])).size, 0, "the replaced is gone");
      assert.deepEqual(await visible(bench, URI), names("v2", 1));
      await coming.commit(commitOf(three, 2_400));
      const hits = await bench.reader.search({ mode: "keyword", limit: 1_000, terms: ["common"] });
      assert.equal(hits.length, 1_000);
      assert.ok(hits.every(({ version }) => version === "v3"));
    },
  ],
  [
    "an attempt that was overtaken is told by whom, and takes its own chunks away",
    async (bench) => {
      for (const count of [2, MANY]) {
        const [older, newer] = [attempt(`file:///${count}`, 1), attempt(`file:///${count}`, 2)];
        const late = bench.writer.begin(older);
        const put = chunks(bench, older, count);
        await late.put(put);
        const { row } = await write(bench.writer, newer, chunks(bench, newer, 1));
        const { supersededBy } = await late.commit(commitOf(older, count));
        assert.deepEqual(supersededBy, row);
        assert.deepEqual(await visible(bench, older.uri), names("v2", 1, older.uri));
        assert.equal((await bench.writer.vectors(put.map(({ textHash }) => textHash))).size, 0);
      }
    },
  ],
  [
    "the same version under a new fingerprint replaces the old chunks",
    async (bench) => {
      const one = attempt(URI);
      const again = { ...one, order: { generation: 1, reindex: 1 }, fingerprint: "f2" };
      await index(bench, one, [{}, {}, {}]);
      await index(bench, again, [{}]);
      assert.deepEqual(await visible(bench, URI), names("v1", 1));
      assert.equal((await bench.reader.entries([URI]))[0]?.current?.fingerprint, "f2");
    },
  ],
  [
    "a restored older version, with the chunk ids it had before, is shown again",
    async (bench) => {
      const back = attempt(URI, 3, { version: "v1" });
      await index(bench, attempt(URI, 1), [{}, {}]);
      const open = bench.writer.begin(back);
      await open.put(chunks(bench, back, 1));
      await index(bench, attempt(URI, 2), [{}]);
      await open.put(chunks(bench, back, 1, 1));
      await open.commit(commitOf(back, 2));
      assert.deepEqual(await visible(bench, URI), names("v1", 2));
    },
  ],
  [
    "a document of no chunks is committed and found by nothing",
    async (bench) => {
      await index(bench, attempt(URI, 1), [{}]);
      await write(bench.writer, attempt(URI, 2));
      assert.deepEqual(await visible(bench, URI), []);
      assert.equal((await bench.reader.entries([URI]))[0]?.current?.version, "v2");
    },
  ],
  [
    "many documents are removed together, and one that is newer by now stays and is told",
    async (bench) => {
      const all = Array.from({ length: 150 }, (_, number) => attempt(`file:///many/${number}`, 5));
      for (const of of all) await write(bench.writer, of, chunks(bench, of, 2));
      const kept = attempt("file:///many/7", 6);
      await write(bench.writer, kept, chunks(bench, kept, 1));
      const removed = await bench.writer.remove(all.map(tombstone));
      assert.deepEqual(
        removed.flatMap(({ row, supersededBy }) => (supersededBy === undefined ? [] : [row.uri])),
        [kept.uri],
      );
      assert.deepEqual(await visible(bench, "file:///many/"), names("v6", 1, kept.uri));
      const { documents, chunks: left } = await bench.reader.count("file:///many/");
      assert.deepEqual([documents, left], [1, 1]);
      const hashes = all.flatMap((of) => chunks(bench, of, 2).map(({ textHash }) => textHash));
      assert.equal((await bench.writer.vectors(hashes)).size, 0);
    },
  ],
  [
    "the very same deletion by two writers stands, and is told to neither as another's",
    async (bench) => {
      await index(bench, attempt(URI), [{}]);
      for (let time = 0; time < 2; time++) {
        const [removed] = await bench.writer.remove([tombstone(attempt(URI))]);
        assert.deepEqual([removed?.row.state, removed?.supersededBy], ["deleted", undefined]);
      }
      assert.deepEqual(await visible(bench, URI), []);
    },
  ],
  [
    "a broken promise of an attempt is named, and commits nothing",
    async (bench) => {
      const of = attempt(URI);
      const open = () => bench.writer.begin(of);
      await assert.rejects(open().put(chunks(bench, of, 1, 1)), rejectsWith("internal"), "a gap");
      await assert.rejects(open().put([...chunks(bench, of, 1), ...chunks(bench, of, 1)]), rejectsWith("internal"));
      const short = open();
      await short.put(chunks(bench, of, 2));
      await assert.rejects(short.commit(commitOf(of, 3)), rejectsWith("internal"), "another count");
      await assert.rejects(short.commit(commitOf(attempt("file:///b"), 2)), rejectsWith("internal"));
      await assert.rejects(short.commit(tombstone(of)), rejectsWith("internal"));
      assert.deepEqual(await bench.reader.entries([URI]), [{ uri: URI }]);
      await short.commit(commitOf(of, 2));
      await assert.rejects(short.put(chunks(bench, of, 1, 2)), rejectsWith("internal"), "after its end");
      await assert.rejects(short.commit(commitOf(of, 2)), rejectsWith("internal"), "twice");
      assert.deepEqual(await visible(bench, URI), names("v1", 2));
    },
  ],
  [
    "an attempt whose signal has fired asks nothing more of the store",
    async (bench) => {
      const stopping = new AbortController();
      const open = bench.writer.begin(attempt(URI), stopping.signal);
      await open.put(chunks(bench, attempt(URI), 1));
      stopping.abort();
      await assert.rejects(open.put(chunks(bench, attempt(URI), 1, 1)));
      await assert.rejects(bench.writer.entries([URI], stopping.signal));
      assert.deepEqual(await bench.reader.entries([URI]), [{ uri: URI }]);
      await index(bench, attempt(URI), [{}, {}]);
      assert.deepEqual(await visible(bench, URI), names("v1", 2));
    },
  ],
];

function chunks(bench: Bench, of: Attempt, count: number, from = 0) {
  return chunksOf(of, count, bench.identity.dimensions, from);
}

function names(version: string, count: number, uri = URI): string[] {
  return Array.from({ length: count }, (_, ordinal) => `${uri} ${version} ${ordinal}`).sort();
}
