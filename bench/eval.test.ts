import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { againstFp32 } from "./against-fp32.ts";
import { exactScores } from "./exact-scores.ts";
import { isMet } from "./report.ts";

const scores = (...values: number[]) => new Map(values.map((value, index) => [`q${index}`, value]));
const met = (isthmus: number, int8: number, fp32: number) =>
  againstFp32("set", isthmus, scores(int8, int8), scores(fp32, fp32)).budgets.map(isMet);

test("a distance to fp32 beyond the budget is missed on the better side as on the worse one, for both", () => {
  assert.deepEqual(met(0.377, 0.377, 0.375), [true, true]);
  assert.deepEqual(met(0.373, 0.373, 0.375), [true, true]);
  assert.deepEqual(met(0.379, 0.375, 0.375), [true, false]);
  assert.deepEqual(met(0.371, 0.375, 0.375), [true, false]);
  assert.deepEqual(met(0.375, 0.379, 0.375), [false, true]);
  assert.deepEqual(met(0.375, 0.371, 0.375), [false, true]);
});

test("the difference comes with its standard error, as figures and in a sentence", () => {
  const { figures, note } = againstFp32("set", 0.5, scores(0.5, 0.75), scores(0.5, 0.5));
  const shown = figures.map(({ measure, samples }) => [measure, ...samples]);
  assert.deepEqual(shown, [
    ["int8 ndcg@10", 0.625],
    ["fp32 ndcg@10", 0.5],
    ["difference of ndcg@10, int8 - fp32", 0.125],
    ["standard error of the difference", 0.125],
  ]);
  assert.equal(note, "set: the int8 model lies 0.1250 above the fp32 model; standard error 0.1250, 2 queries");
  assert.match(againstFp32("set", 0.5, scores(0, 0), scores(0.5, 0.5)).note, /0\.5000 below the fp32 model/);
});

test("each judged query has a score of its own", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-exact-"));
  try {
    await mkdir(join(folder, "qrels"));
    const documents = ["west", "north", "east"].map((text, index) =>
      JSON.stringify({ _id: `d${index}`, title: "the", text }),
    );
    const queries = ["sunrise", "sunset", "noon"].map((text, index) => JSON.stringify({ _id: `q${index}`, text }));
    await writeFile(join(folder, "corpus.jsonl"), documents.join("\n"));
    await writeFile(join(folder, "queries.jsonl"), queries.join("\n"));
    // q0 finds its document first, q1 the same one third, q2 is not judged.
    await writeFile(join(folder, "qrels", "test.tsv"), "q0\td2\t1\nq1\td2\t1\n");
    const places: Record<string, [number, number]> = {
      sunrise: [1, 0],
      sunset: [-1, 0],
      "the east": [1, 0],
      "the north": [0, 1],
      "the west": [-0.8, 0.6],
    };
    const embed = async (texts: readonly string[]) => texts.map((text) => new Float32Array(places[text] ?? [0, 0]));
    const byQuery = await exactScores(folder, embed);
    assert.deepEqual(
      [...byQuery],
      [
        ["q0", 1],
        ["q1", 0.5],
      ],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
