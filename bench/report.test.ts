import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { entryOf } from "./entry.ts";
import type { Machine } from "./machine.ts";
import type { Origin } from "./origin.ts";
import { printable } from "./printable.ts";
import { record } from "./record.ts";
import { isMet, type Report } from "./report.ts";

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
const machine: Machine = {
  cpu: "Some CPU (R) @ 2 GHz",
  cores: 2,
  memoryGiB: 8,
  system: "linux x64 7",
  node: "24.0.0",
  avx2: true,
  avx512Vnni: false,
  avxVnni: false,
};
const origin: Origin = {
  commit: "0123456789abcdef",
  dirty: false,
  options: { bench: "example", cores: 2, rounds: 3 },
  otherWork: 0.03,
};
const at = new Date("2030-01-02T03:04:05Z");
const entry = entryOf(report, machine, origin, at);

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-bench-report-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a budget is met at its limit, and a missed one is told and nothing more", () => {
  assert.deepEqual(report.budgets.map(isMet), [true, false]);
  const text = printable(entry);
  assert.match(text, /ours +speed +2 +x\/s +1 to 3 in 3/);
  assert.match(text, /met +fast enough/);
  assert.match(text, /MISSED +small enough +1\.5 MiB, +budget at most 1 MiB/);
});

test("the head says how to measure it again, and what else the machine did", () => {
  const text = printable(entry);
  assert.match(text, /^== example: texts 3\nSome CPU/);
  assert.match(text, /^commit 0123456789ab: npm run bench -- example --cores 2 --rounds 3$/m);
  assert.match(text, /^other work before the start: 3 % of the cores$/m);
  assert.match(printable({ ...entry, dirty: true }), /^commit 0123456789ab, changed since: npm run/m);
  const unknown = printable({ ...entry, commit: undefined, dirty: undefined, otherWork: undefined });
  assert.match(unknown, /^no commit is known: npm run/m);
  assert.match(unknown, /^other work before the start: unknown$/m);
});

test("figures of a machine that did other work are under a warning", () => {
  assert.match(printable({ ...entry, otherWork: 0.4 }), /^!! Other work took 40 % of the cores .* noisy/);
  assert.doesNotMatch(printable({ ...entry, otherWork: 0.05 }), /noisy/);
});

test("reports of one day and machine stand in one file, by bench, with how they came about", async () => {
  await inFolder(async (folder) => {
    const path = await record(folder, entry, at);
    assert.equal(path, join(folder, "2030-01-02-some-cpu-r-2-ghz.json"));
    assert.equal(await record(folder, entryOf({ ...report, bench: "other" }, machine, origin, at), at), path);
    const written = JSON.parse(await readFile(path, "utf8"));
    assert.deepEqual(Object.keys(written), ["example", "other"]);
    const { figures, budgets, commit, dirty, options, otherWork } = written.example;
    assert.equal(figures[0].median, 2);
    assert.deepEqual(
      budgets.map((budget: { met: boolean }) => budget.met),
      [true, false],
    );
    assert.deepEqual({ commit, dirty, options, otherWork }, origin);
    assert.deepEqual(written.example.machine, machine);
  });
});

test("a later report of a bench takes the place of the earlier one; what is no result is not overwritten", async () => {
  await inFolder(async (folder) => {
    const [before, after] = [new Date("2030-01-02T23:59:00Z"), new Date("2030-01-03T00:01:00Z")];
    const short = { ...machine, cpu: "c" };
    const path = await record(folder, entryOf(report, short, origin, before), before);
    // The same run, past midnight: in the file of the day on which it began.
    assert.equal(await record(folder, entryOf(report, short, origin, after), before), path);
    assert.equal(JSON.parse(await readFile(path, "utf8")).example.at, after.toISOString());
    assert.deepEqual(await readdir(folder), ["2030-01-02-c.json"]);
    await writeFile(path, "half a resu");
    const entry = entryOf(report, short, origin, before);
    await assert.rejects(record(folder, entry, before), /2030-01-02-c\.json does not hold/);
    assert.equal(await readFile(path, "utf8"), "half a resu");
  });
});

test("another kind of machine with the same processor's name has a file of its own", async () => {
  await inFolder(async (folder) => {
    const first = { ...machine, cpu: "c" };
    const second = { ...first, avx512Vnni: true };
    const kept = (on: Machine, bench: string) => record(folder, entryOf({ ...report, bench }, on, origin, at), at);
    const path = await kept(first, "a");
    const other = await kept(second, "a");
    assert.deepEqual([path, other], [join(folder, "2030-01-02-c.json"), join(folder, "2030-01-02-c-2.json")]);
    assert.deepEqual([await kept(first, "b"), await kept(second, "b")], [path, other]);
    assert.deepEqual(Object.keys(JSON.parse(await readFile(path, "utf8"))), ["a", "b"]);
  });
});

test("a figure or budget that is no number is told by its name, and nothing is written", async () => {
  await inFolder(async (folder) => {
    const refused = async (fault: Partial<Report>, told: RegExp) => {
      await assert.rejects(record(folder, entryOf({ ...report, ...fault }, machine, origin, at), at), told);
    };
    const figure = { subject: "ours", measure: "p99", unit: "ms" };
    await refused({ figures: [{ ...figure, samples: [1, Number.NaN] }] }, /^Error: example: ours, p99 is NaN/);
    await refused({ figures: [{ ...figure, at: 1000, samples: [1 / 0] }] }, /ours, p99 at 1000 is Infinity/);
    const budget = { what: "fast", bound: "at least", limit: 1, unit: "x", measured: Number.NaN } as const;
    await refused({ budgets: [budget] }, /example: the budget "fast" is NaN/);
    assert.deepEqual(await readdir(folder), []);
  });
});
