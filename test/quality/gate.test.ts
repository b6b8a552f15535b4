import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Baseline, readBaseline } from "../../eval/baseline.ts";
import { runGate } from "../../eval/gate.ts";
import { type GateStore, openStores } from "../../eval/stores.ts";
import { openTestSet, type TestSet } from "../../eval/test-set.ts";
import { takeAsBaseline, verdict } from "../../eval/verdict.ts";
import { parseSettings } from "../../src/config/parse.ts";

let scratch = "";
let set: TestSet;
let sqlite: GateStore;
const processor = { vector: 0.05, keyword: 0, hybrid: 0.05 };
const nothingKnown: Baseline = { processor, quality: {}, recall: {} };

/** A set of three documents whose two questions every mode answers right. */
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), "isthmus-gate-"));
  const folder = join(scratch, "animals");
  await mkdir(join(folder, "qrels"), { recursive: true });
  const texts = ["Whales breathe air at the surface.", "Bees make honey.", "Owls hunt at night."];
  const corpus = texts.map((text, index) => JSON.stringify({ _id: `d${index}`, text }));
  const questions = ["how do whales breathe air", "when do owls hunt"];
  const queries = questions.map((text, index) => JSON.stringify({ _id: `q${index}`, text }));
  await writeFile(join(folder, "corpus.jsonl"), corpus.join("\n"));
  await writeFile(join(folder, "queries.jsonl"), queries.join("\n"));
  await writeFile(join(folder, "qrels", "test.tsv"), "q0\td0\t1\nq1\td2\t1\n");
  set = await openTestSet(folder);
  const opened = await openStores(["sqlite"], scratch, () => {});
  const [first] = opened.stores;
  assert.ok(first !== undefined);
  sqlite = first;
});
after(() => rm(scratch, { recursive: true, force: true }));

async function gate(baseline: Baseline, stores: readonly GateStore[] = [sqlite]) {
  const lines: string[] = [];
  const outcome = await runGate({
    sets: [set],
    stores,
    baseline,
    processor: "here",
    line: (text) => lines.push(text),
    tell() {},
  });
  return { ...outcome, measured: outcome.measured ?? nothingKnown, lines };
}

test("a set that the baseline does not know is measured, and told not to be compared", async () => {
  const { losses, lines, results, measured } = await gate(nothingKnown);
  assert.deepEqual(losses, []);
  assert.equal(lines.at(-1), `animals (${set.key}), sqlite: not in the baseline: nothing compared`);
  assert.match(
    lines[1] ?? "",
    /^animals, sqlite, vector .*nDCG@10 1\.0000 {2}100\.0 % first +0\.0 % miss the first three/,
  );
  assert.equal(results[0]?.["compared"], false);
  assert.deepEqual(measured.quality, { [set.key]: { sqlite: { here: { vector: 1, keyword: 1, hybrid: 1 } } } });
});

test("a folder's set is compared once the baseline knows it, and a loss is told", async () => {
  const known = await gate(nothingKnown);
  const { losses, lines, results } = await gate(known.measured);
  assert.deepEqual([losses, results[0]?.["compared"]], [[], true]);
  assert.ok(!lines.some((text) => text.includes("not in the baseline")), lines.join("\n"));
  const better = {
    processor,
    quality: { [set.key]: { sqlite: { here: { vector: 1.006, keyword: 1.004, hybrid: 1 } } } },
    recall: {},
  };
  const lost = await gate(better);
  assert.deepEqual(lost.losses, ["animals, sqlite, vector: nDCG@10 fell from 1.006 to 1.0000"]);
});

test("two stores are compared with each other; one that finds less is a loss", async () => {
  const like = await gate(nothingKnown, [sqlite, { ...sqlite, name: "weaviate" }]);
  assert.ok(like.lines.includes("animals: hybrid search of the stores lies 0.0000 apart"), like.lines.join("\n"));
  assert.deepEqual(like.losses, []);
  // Takes no record, so that it finds nothing.
  const settings = parseSettings({ ISTHMUS_DATA_DIR: join(scratch, "poor"), ISTHMUS_MAX_RECORD_BYTES: "1" });
  const poor = await gate(nothingKnown, [sqlite, { ...sqlite, name: "weaviate", settings }]);
  assert.deepEqual(poor.losses, ["animals: hybrid search of the stores lies 1.0000 apart, more than 0.005"]);
});

test("a loss is the exit code; taken as the baseline it is told, and is none the next time", async () => {
  const before = {
    processor,
    quality: { [set.key]: { sqlite: { here: { vector: 1.006, keyword: 1, hybrid: 1 } } } },
    recall: { sqlite: 1 },
  };
  const outcome = await gate(before);
  const told: string[] = [];
  const line = (text: string) => told.push(text);
  assert.equal(verdict(outcome, line), 1);
  const path = join(scratch, "baseline.json");
  assert.equal(await takeAsBaseline(outcome, before, line, path), 0);
  assert.deepEqual(told, [
    "LOST: animals, sqlite, vector: nDCG@10 fell from 1.006 to 1.0000",
    `LOWERED: ${set.key}, sqlite, here, vector: nDCG@10 from 1.006 to 1`,
    "written to eval/baseline.json",
  ]);
  const written = await readBaseline(path);
  assert.deepEqual(written.recall, { sqlite: 1 });
  assert.equal(verdict(await gate(written), line), 0);
});

test("on a processor of no known class the gate compares, and takes nothing as the baseline", async () => {
  const known = await gate(nothingKnown);
  const told: string[] = [];
  const line = (text: string) => told.push(text);
  const outcome = await runGate({
    sets: [set],
    stores: [sqlite],
    baseline: known.measured,
    processor: undefined,
    line,
    tell() {},
  });
  assert.equal(told[0], "vectors: of no known class of processors");
  assert.equal(verdict(outcome, line), 0);
  assert.equal(await takeAsBaseline(outcome, known.measured, line, join(scratch, "nowhere", "baseline.json")), 1);
  assert.match(
    told.at(-1) ?? "",
    /^NOT WRITTEN: this processor is of no known class\. Add its vectors by --sample NAME/,
  );
});
