import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { headOf, type Latest, ofOneMachine, readReports, resultFiles } from "./latest.ts";
import { kindOf } from "./machine.ts";

const epyc = { cpu: "AMD EPYC", cores: 2, node: "24.1.0", avx2: true, avx512Vnni: true, avxVnni: false };
/** Of another generation, under the same name. */
const older = { ...epyc, avx512Vnni: false };

function reported(day: number, measured: number, machine: object = epyc) {
  const budget = { what: "speed", bound: "at least", limit: 2, unit: "x", measured };
  return { at: `2026-01-0${day}T00:00:00Z`, machine, figures: [], budgets: [budget] };
}

/** What is read from files of that content. */
async function read(files: Readonly<Record<string, object | string>>): Promise<Latest> {
  return await inFolder(files, async (folder) => await readReports(await resultFiles(folder)));
}

async function inFolder<Result>(
  files: Readonly<Record<string, object | string>>,
  body: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-latest-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    }
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const told = ({ reports }: Pick<Latest, "reports">) =>
  reports.map(({ bench, budgets }) => [bench, budgets[0]?.measured]);

test("of two reports of one bench on one machine the later counts, whichever file it stands in", async () => {
  const latest = await read({
    "b.json": { embed: reported(1, 1), store: reported(1, 5) },
    "a.json": { embed: reported(2, 2) },
    "note.txt": "no result",
  });
  assert.deepEqual(told(latest), [
    ["embed", 2],
    ["store", 5],
  ]);
  assert.deepEqual(latest.faults, []);
});

test("only one machine's reports are drawn: the one at hand, or else the one that measured last", async () => {
  const { reports } = await read({
    "a.json": { embed: reported(1, 1), store: reported(1, 5) },
    "b.json": { embed: reported(2, 2, older), query: reported(3, 3, { ...older, cores: 8 }) },
  });
  const drawn = (atHand?: object) => told({ reports: ofOneMachine(reports, atHand && kindOf({ ...epyc, ...atHand })) });
  assert.deepEqual(drawn({}), [
    ["embed", 1],
    ["store", 5],
  ]);
  assert.deepEqual(drawn(older), [["embed", 2]]);
  assert.deepEqual(drawn(), [["query", 3]]);
  assert.deepEqual(drawn({ cpu: "somebody's" }), [["query", 3]]);
});

test("a machine without a budget among its reports is not the one that is drawn", async () => {
  const { reports } = await read({
    "a.json": { embed: reported(1, 1) },
    "b.json": { formats: { ...reported(9, 0, older), budgets: [] } },
  });
  assert.deepEqual(told({ reports: ofOneMachine(reports, kindOf(older)) }), [["embed", 1]]);
  assert.deepEqual(told({ reports: ofOneMachine(reports) }), [["embed", 1]]);
});

test("the head says processor, cores, instruction sets, Node and the days", async () => {
  const { reports } = await read({
    "a.json": { embed: reported(1, 1), store: reported(3, 5, { ...epyc, node: "24.2.0" }) },
  });
  assert.equal(
    headOf(reports),
    "AMD EPYC, 2 cores, AVX2, avx512_vnni, Node 24.1.0 and 24.2.0; measured on 2026-01-01 to 2026-01-03",
  );
  assert.match(headOf(reports.slice(0, 1)), /measured on 2026-01-01$/);
});

test("a file or a report that cannot be read is told by its name, and the others are read", async () => {
  const broken = { ...reported(2, 2), budgets: [{ ...reported(2, 2).budgets[0], measured: null }] };
  const latest = await read({
    "a.json": { embed: broken, store: reported(1, 5) },
    "b.json": "half a resu",
    "c.json": { query: reported(1, 7) },
  });
  assert.deepEqual(told(latest), [
    ["query", 7],
    ["store", 5],
  ]);
  assert.match(latest.faults[0] ?? "", /^a\.json, embed: .*measured/s);
  assert.match(latest.faults[1] ?? "", /^b\.json does not hold results/);
  assert.equal(latest.faults.length, 2);
});

test("results of before, with a load and without how they came about, are still read", async () => {
  const before = reported(1, 1, { ...epyc, load: 2.5, memoryGiB: 24 });
  assert.deepEqual(told(await read({ "a.json": { embed: before } })), [["embed", 1]]);
});
