import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { alternate, ratio } from "./harness.ts";
import { describeMachine } from "./machine.ts";
import { entryOf, isMet, printable, type Report, record } from "./report.ts";

const silent = { tell() {}, clear() {} };

test("contestants take turns, and each measure gets a sample a round", async () => {
  const order: string[] = [];
  const contestant = (name: string, factor: number) => ({
    name,
    async run(round: number) {
      order.push(`${name}${round}`);
      return { speed: factor * round, unlisted: 1 };
    },
  });
  const figures = await alternate([contestant("a", 2), contestant("b", 1)], 3, { speed: "x/s", other: "s" }, silent);
  assert.deepEqual(order, ["a1", "b1", "a2", "b2", "a3", "b3"]);
  assert.deepEqual(figures, [
    { subject: "a", measure: "speed", unit: "x/s", samples: [2, 4, 6] },
    { subject: "b", measure: "speed", unit: "x/s", samples: [1, 2, 3] },
  ]);
  assert.deepEqual(ratio(figures, "speed", "a", "b").samples, [2, 2, 2]);
});

test("the step, the round and, once something has run, the time left are told", async () => {
  const told: string[] = [];
  const contestant = (name: string) => ({ name, run: async () => ({ speed: 1 }) });
  await alternate([contestant("a"), contestant("b")], 2, {}, { tell: (what) => told.push(what), clear() {} });
  assert.equal(told[0], "round 1 of 2: a");
  assert.match(told[1] ?? "", /^round 1 of 2: b, about 1 s left$/);
  assert.deepEqual(
    told.map((line) => line.replace(/,.*/, "")),
    ["round 1 of 2: a", "round 1 of 2: b", "round 2 of 2: a", "round 2 of 2: b"],
  );
});

const report: Report = {
  bench: "example",
  parameters: { texts: 3 },
  figures: [{ subject: "ours", measure: "speed", unit: "x/s", samples: [1, 3, 2] }],
  budgets: [
    { what: "fast enough", bound: "at least", limit: 2, unit: "x/s", measured: 2 },
    { what: "small enough", bound: "at most", limit: 1, unit: "MiB", measured: 1.5 },
  ],
  notes: ["a note"],
};

test("a budget is met at its limit, and a missed one is told and nothing more", async () => {
  assert.deepEqual(report.budgets.map(isMet), [true, false]);
  const text = printable(report, await describeMachine());
  assert.match(text, /ours +speed +2 +x\/s +1 to 3 in 3/);
  assert.match(text, /met +fast enough/);
  assert.match(text, /MISSED +small enough +1\.5 MiB, +budget at most 1 MiB/);
});

test("reports of one day and machine stand in one file, by bench", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-bench-report-"));
  try {
    const machine = { ...(await describeMachine()), cpu: "Some CPU (R) @ 2 GHz" };
    const at = new Date("2030-01-02T03:04:05Z");
    const path = await record(folder, entryOf(report, machine, at), at);
    assert.equal(path, join(folder, "2030-01-02-some-cpu-r-2-ghz.json"));
    assert.equal(await record(folder, entryOf({ ...report, bench: "other" }, machine, at), at), path);
    const written = JSON.parse(await readFile(path, "utf8"));
    assert.deepEqual(Object.keys(written), ["example", "other"]);
    assert.equal(written.example.figures[0].median, 2);
    assert.deepEqual(
      written.example.budgets.map((budget: { met: boolean }) => budget.met),
      [true, false],
    );
    assert.equal(written.example.machine.cpu, machine.cpu);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a later report of a bench takes the place of the earlier one; what is no result is not overwritten", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-bench-report-"));
  try {
    const machine = { ...(await describeMachine()), cpu: "c" };
    const [before, after] = [new Date("2030-01-02T23:59:00Z"), new Date("2030-01-03T00:01:00Z")];
    const path = await record(folder, entryOf(report, machine, before), before);
    // The same run, past midnight: in the file of the day on which it began.
    assert.equal(await record(folder, entryOf(report, machine, after), before), path);
    assert.equal(JSON.parse(await readFile(path, "utf8")).example.at, after.toISOString());
    assert.deepEqual(await readdir(folder), ["2030-01-02-c.json"]);
    await writeFile(path, "half a resu");
    await assert.rejects(record(folder, entryOf(report, machine, before), before), /2030-01-02-c\.json does not hold/);
    assert.equal(await readFile(path, "utf8"), "half a resu");
  } finally {
    await rm(folder, { recursive: true });
  }
});
