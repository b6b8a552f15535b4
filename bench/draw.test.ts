import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { budgetTables } from "./budget-table.ts";
import { drawPlots, picturesOf } from "./draw.ts";
import { ofOneMachine, readReports, resultFiles } from "./latest.ts";
import { kindOf } from "./machine.ts";
import { Unavailable } from "./unavailable.ts";

const results = join(import.meta.dirname, "results");
const docs = join(import.meta.dirname, "..", "docs");

/** Results that somebody measured here and has not committed do not make a committed picture wrong. */
async function committedFiles(): Promise<string[]> {
  const { status, stdout } = spawnSync("git", ["ls-files", "*.json"], { cwd: results, encoding: "utf8" });
  const tracked = status === 0 ? stdout.split("\n").filter((name) => name !== "") : [];
  return tracked.length > 0 ? tracked.map((name) => join(results, name)) : await resultFiles(results);
}

/** Whatever may stand in the docs: a picture of one machine among the results, the tables of all of them. */
async function pictures(name: string, files: readonly string[]): Promise<string[]> {
  const { reports, faults } = await readReports(files);
  assert.deepEqual(faults, []);
  const kinds = new Set(reports.map(({ machine }) => machine));
  if (name === "performance.md") return [budgetTables(reports)];
  return [...kinds].flatMap((kind) => picturesOf(ofOneMachine(reports, kind)).get(name) ?? []);
}

for (const name of ["performance.svg", "growth.svg", "performance.md"]) {
  test(`docs/${name} shows the committed results`, async () => {
    const drawn = (await readFile(join(docs, name), "utf8")).replaceAll("\r\n", "\n");
    const possible = [
      ...(await pictures(name, await committedFiles())),
      ...(await pictures(name, await resultFiles(results))),
    ];
    assert.ok(
      possible.some((each) => (name.endsWith(".md") ? drawn.includes(`\n${each}\n`) : drawn === each)),
      `docs/${name} shows other figures than bench/results holds: run \`npm run bench -- plot\` and commit both.`,
    );
  });
}

test("one machine is drawn, the tables are of all, what cannot be read does not keep the rest away, and without results there is nothing to draw", async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-draw-"));
  try {
    const [own, pages] = [join(folder, "results"), join(folder, "docs")];
    await mkdir(own);
    await mkdir(pages);
    await writeFile(join(pages, "performance.md"), "before\n<!-- measured -->\nold\n<!-- /measured -->\nafter\n");
    await assert.rejects(drawPlots(own, pages, ""), Unavailable);
    const budgets = [{ what: "speed", bound: "at least", limit: 2, unit: "x", measured: 3 }];
    const machine = { cpu: "c", cores: 2, node: "24" };
    const report = { at: "2026-01-01T00:00:00Z", machine, figures: [], budgets };
    await writeFile(join(own, "a.json"), JSON.stringify({ embed: report, store: { ...report, at: null } }));
    const { written, faults } = await drawPlots(own, pages, "");
    assert.deepEqual(written, [join(pages, "performance.svg"), join(pages, "performance.md")]);
    const page = await readFile(join(pages, "performance.md"), "utf8");
    assert.match(page, /^before\n[\s\S]*\| `embed` \| speed \| at least 2 x \| 3 x \|\n<!-- \/measured -->\nafter\n$/);
    assert.doesNotMatch(page, /old/);
    assert.match(await readFile(join(pages, "performance.svg"), "utf8"), /embed: speed/);
    assert.match(faults.join("\n"), /^a\.json, store: /);
    const elsewhere = { ...report, at: "2026-01-02T00:00:00Z", machine: { ...machine, cores: 8 } };
    await writeFile(join(own, "b.json"), JSON.stringify({ query: elsewhere }));
    const drawn = async (atHand: string) => {
      await drawPlots(own, pages, atHand);
      return /<text[^>]*class="what">([^<]*)/.exec(await readFile(join(pages, "performance.svg"), "utf8"))?.[1];
    };
    assert.equal(await drawn(kindOf(machine)), "embed: speed");
    assert.equal(await drawn(""), "query: speed");
    assert.match(
      await readFile(join(pages, "performance.md"), "utf8"),
      /\nc, 8 cores.*\n\n.*\n.*\n\| `query` .*\n\nc, 2 cores.*\n\n.*\n.*\n\| `embed` /,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
