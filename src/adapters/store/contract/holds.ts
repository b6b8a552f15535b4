import assert from "node:assert/strict";
import type { HeldDeletion } from "../../../core/types.ts";
import { attempt, type Bench, type ContractTest, index, tombstone, write } from "./harness.ts";

const minuteMs = 60_000;

function held(uri: string, generation = 1, rest: Partial<HeldDeletion> = {}): HeldDeletion {
  return {
    uri,
    order: { generation, reindex: 0 },
    heldAt: "2026-01-01T00:00:00.000Z",
    scope: "gs://bucket/",
    reason: "60 of 60 documents would go",
    ...rest,
  };
}

async function standing(bench: Bench, prefix = ""): Promise<string[]> {
  const [seen, written]: string[][] = [[], []];
  for await (const { uri } of bench.reader.held(prefix)) seen?.push(uri);
  for await (const { uri } of bench.writer.held(prefix)) written?.push(uri);
  assert.deepEqual(seen, written, "a reader and a writer see the same");
  return seen ?? [];
}

/** Deletions that were refused, and what guards count. */
export const holdTests: readonly ContractTest[] = [
  [
    "held deletions are told by prefix, in order, as they were set aside, until they are released",
    async (bench) => {
      const uris = ["gs://bucket/b", "gs://bucket/a 'x'?.txt", "gs://bucket/é", "gs://bucket2/a"];
      for (const uri of uris) await index(bench, attempt(uri), [{}]);
      assert.deepEqual(await standing(bench), []);
      await bench.writer.hold([]);
      await bench.writer.hold(uris.map((uri) => held(uri)));
      assert.deepEqual(await standing(bench), [...uris].sort());
      assert.deepEqual(await standing(bench, "gs://bucket/"), [...uris.slice(0, 3)].sort());
      await bench.writer.hold([held("gs://bucket/b", 1, { reason: "another", scope: "gs://bucket/b" })]);
      const told: HeldDeletion[] = [];
      for await (const deletion of bench.reader.held("gs://bucket/b")) told.push(deletion);
      assert.deepEqual(told, [held("gs://bucket/b", 1, { reason: "another", scope: "gs://bucket/b" })]);
      assert.equal((await bench.reader.count("gs://bucket/")).documents, 3, "the documents stay");
      assert.equal((await bench.reader.page("", undefined, 9)).length, 4, "and no page has them twice");
      await bench.writer.release(["gs://bucket/b", "gs://bucket/never"]);
      await bench.writer.release([]);
      assert.deepEqual(await standing(bench, "gs://bucket/"), ["gs://bucket/a 'x'?.txt", "gs://bucket/é"]);
      await bench.writer.close();
      const later = await bench.store.openWriter(bench.identity);
      const kept: string[] = [];
      for await (const { uri } of later.held("gs://bucket2/")) kept.push(uri);
      await later.close();
      assert.deepEqual(kept, ["gs://bucket2/a"]);
    },
  ],
  [
    "a hold stands while the row it names is current: a newer version and a tombstone end it",
    async (bench) => {
      for (const name of ["new", "gone", "again", "kept"]) await index(bench, attempt(`gs://bucket/${name}`), [{}]);
      const all = ["again", "gone", "kept", "new"].map((name) => `gs://bucket/${name}`);
      await bench.writer.hold([...all, "gs://bucket/unknown"].map((uri) => held(uri)));
      assert.deepEqual(await standing(bench), all);
      await index(bench, attempt("gs://bucket/new", 2), [{}]);
      await bench.writer.remove([tombstone(attempt("gs://bucket/gone"))]);
      const again = attempt("gs://bucket/again", 1, { order: { generation: 1, reindex: 1 }, fingerprint: "f2" });
      await write(bench.writer, again);
      assert.deepEqual(await standing(bench), ["gs://bucket/kept"]);
      await index(bench, attempt("gs://bucket/gone", 2), [{}]);
      assert.deepEqual(await standing(bench), ["gs://bucket/kept"], "nor does it come back");
    },
  ],
  [
    "removals are counted by prefix and age, whoever wrote them, unless they are excused, or the document is back",
    async (bench) => {
      const uris = Array.from({ length: 6 }, (_, at) => `gs://bucket/${at}`);
      for (const uri of uris) await index(bench, attempt(uri), [{}]);
      await index(bench, attempt("gs://bucket2/a"), [{}]);
      const lately = (prefix: string, withinMs = minuteMs) => bench.writer.removedLately(prefix, withinMs);
      assert.equal(await lately(""), 0);
      await bench.writer.remove(uris.slice(0, 3).map((uri) => tombstone(attempt(uri))));
      await bench.writer.remove([tombstone(attempt("gs://bucket2/a"))]);
      await bench.writer.remove([{ ...tombstone(attempt(uris[3] ?? "")), excused: true }]);
      assert.deepEqual([await lately(""), await lately("gs://bucket/"), await lately("gs://bucket/1")], [4, 3, 1]);
      assert.equal(await lately("", -minuteMs), 0, "none of them came after now");
      assert.equal((await bench.writer.entries([uris[3] ?? ""]))[0]?.current?.excused, true);
      await index(bench, attempt(uris[0] ?? "", 2), [{}]);
      assert.equal(await lately("gs://bucket/"), 2);
      await bench.writer.close();
      const later = await bench.store.openWriter(bench.identity);
      assert.equal(await later.removedLately("gs://bucket/", minuteMs), 2);
      await later.close();
    },
  ],
];
