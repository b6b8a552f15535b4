import assert from "node:assert/strict";
import { isSound, verifyIndex } from "../../../core/verify.ts";
import {
  attempt,
  type Bench,
  type ContractTest,
  chunk,
  chunksOf,
  index,
  rejectsWith,
  visible,
  write,
} from "./harness.ts";

const clean = { missing: 0, duplicated: 0, foreign: 0, vector: 0, unindexed: 0 };

/** What a verification finds and mends, on whatever store. */
export const auditTests: readonly ContractTest[] = [
  [
    "a sound index is called sound, whatever was written, replaced, removed and given up, and the result is kept",
    async (bench) => {
      await index(bench, attempt("file:///a", 1), [{}, {}]);
      await index(bench, attempt("file:///a", 2), [{}, {}, {}]);
      await index(bench, attempt("file:///b"), [{}]);
      await write(bench.writer, attempt("file:///none"));
      const large = attempt("file:///large");
      await write(bench.writer, large, chunksOf(large, 2_300, bench.identity.dimensions));
      const given = bench.writer.begin(attempt("file:///b", 3));
      await given.put(chunksOf(attempt("file:///b", 3), 5, bench.identity.dimensions));
      await given.abandon();
      assert.equal(await bench.reader.verified(), undefined);
      const report = await verified(bench, "look");
      const { at, tookMs: _, damages: __, orphans: ___, ...rest } = report;
      const found = { documents: 4, chunks: 2_304, damaged: 0, problems: clean, inProgress: 0, repaired: false };
      assert.deepEqual(rest, { ...found, orphaned: { attempts: 0, chunks: 0 } });
      assert.ok(isSound(report));
      assert.equal((await bench.reader.verified())?.at, at);
    },
  ],
  [
    "an attempt that is being written is in progress, and no look takes anything from it",
    async (bench) => {
      const of = attempt("file:///a");
      const open = bench.writer.begin(of);
      // Enough to be staged by a store that holds small attempts in memory.
      await open.put(chunksOf(of, 600, bench.identity.dimensions));
      const { inProgress, orphaned, damaged } = await verified(bench, "look");
      assert.deepEqual([inProgress, orphaned.attempts, damaged], [1, 0, 0]);
      await open.put(chunksOf(of, 1, bench.identity.dimensions, 600));
      const commit = { ...(await write(bench.writer, attempt("file:///other"))).row };
      const { attempt: _, ...row } = commit;
      await open.commit({ ...row, ...of, chunks: 601 });
      assert.equal((await visible(bench, "file:///a")).length, 601);
    },
  ],
  [
    "a vector that is no unit vector is found, and a repair lets the document be written again",
    async (bench) => {
      const [good, bad] = [attempt("file:///good"), attempt("file:///bad")];
      await index(bench, good, [{}, {}]);
      const long = new Float32Array(bench.identity.dimensions).fill(0);
      await write(bench.writer, bad, [chunk(bad, 0, bench.identity.dimensions, { vector: long })]);
      await bench.writer.close();
      const report = await verified(bench, "look");
      assert.deepEqual([report.damaged, report.problems.vector], [1, 1]);
      assert.equal(report.damages[0]?.row.uri, "file:///bad");
      assert.ok(!isSound(report));
      assert.ok(isSound(await verified(bench, "repair")));
      assert.deepEqual(await bench.reader.entries(["file:///bad"]), [{ uri: "file:///bad" }]);
      assert.equal((await visible(bench, "")).length, 2);
      const again = await verified(bench, "repair");
      assert.deepEqual([again.damaged, again.orphaned.attempts, again.repaired], [0, 0, false]);
    },
  ],
  [
    "a repair that would take out most of the index is refused, and does when it is allowed",
    async (bench) => {
      const empty = new Float32Array(bench.identity.dimensions);
      for (let number = 0; number < 21; number++) {
        const of = attempt(`file:///${number}`);
        await write(bench.writer, of, [chunk(of, 0, bench.identity.dimensions, { vector: empty })]);
      }
      await bench.writer.close();
      await assert.rejects(verified(bench, "repair"), rejectsWith("mass_delete_refused"));
      assert.equal((await bench.reader.count("")).documents, 21);
      await verified(bench, "repair", true);
      assert.equal((await bench.reader.count("")).documents, 0);
    },
  ],
];

async function verified(bench: Bench, mode: "look" | "repair", allowMassDelete = false) {
  const audit = await bench.store.openAudit(bench.identity, mode);
  try {
    return await verifyIndex(audit, { repair: mode === "repair", allowMassDelete });
  } finally {
    await audit.close();
  }
}
