import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withBudgetTable } from "./budget-table.ts";
import { growthSvg } from "./growth-plot.ts";
import { ofOneMachine, type Plotted, readReports, resultFiles } from "./latest.ts";
import { budgetsSvg } from "./plot.ts";
import { Unavailable } from "./unavailable.ts";

export interface Drawn {
  readonly written: readonly string[];
  /** What could not be read, or is not there to be drawn. */
  readonly faults: readonly string[];
}

/** The pictures of one machine's reports, by file name: that of the sizes only where sizes were measured. */
export function picturesOf(reports: readonly Plotted[]): Map<string, string> {
  const pictures = new Map([["performance.svg", budgetsSvg(reports)]]);
  const growth = growthSvg(reports);
  if (growth !== undefined) pictures.set("growth.svg", growth);
  return pictures;
}

/**
 * Draws the latest results of one machine, of this one if it has any, and writes the tables of all machines into docs/performance.md.
 *
 * @param atHand the kind of this machine.
 * @throws Unavailable when there are no results.
 */
export async function drawPlots(results: string, docs: string, atHand: string): Promise<Drawn> {
  const { reports, faults } = await readReports(await resultFiles(results));
  if (reports.length === 0) {
    throw new Unavailable(["There are no results to draw: run `npm run bench` first.", ...faults].join("\n"));
  }
  const written: string[] = [];
  for (const [name, picture] of picturesOf(ofOneMachine(reports, atHand))) {
    const path = join(docs, name);
    await writeFile(path, picture);
    written.push(path);
  }
  const page = join(docs, "performance.md");
  await writeFile(page, withBudgetTable(await readFile(page, "utf8"), reports));
  written.push(page);
  return { written, faults };
}
