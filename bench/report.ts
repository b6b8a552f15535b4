import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Machine, machineLine } from "./machine.ts";
import { type Spread, spread } from "./statistics.ts";

export interface Figure {
  /** Who was measured. */
  readonly subject: string;
  readonly measure: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** For what changes with the size of an index: the size, in chunks. */
  readonly at?: number;
}

export interface Budget {
  readonly what: string;
  readonly bound: "at least" | "at most";
  readonly limit: number;
  readonly unit: string;
  readonly measured: number;
}

export interface Report {
  readonly bench: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly figures: readonly Figure[];
  readonly budgets: readonly Budget[];
  readonly notes: readonly string[];
}

export function isMet(budget: Budget): boolean {
  return budget.bound === "at least" ? budget.measured >= budget.limit : budget.measured <= budget.limit;
}

/** The report as a person reads it. */
export function printable(report: Report, machine: Machine): string {
  const parameters = Object.entries(report.parameters).map(([name, value]) => `${name} ${value}`);
  const figures = report.figures.map((figure) => {
    const { median, min, max } = spread(figure.samples);
    const range = figure.samples.length > 1 ? `${round(min)} to ${round(max)} in ${figure.samples.length}` : "";
    const subject =
      figure.at === undefined ? figure.subject : `${figure.subject}, ${figure.at.toLocaleString("en-US")} chunks`;
    return [subject, figure.measure, round(median), figure.unit, range];
  });
  const budgets = report.budgets.map((budget) => [
    isMet(budget) ? "met" : "MISSED",
    budget.what,
    `${round(budget.measured)} ${budget.unit},`,
    `budget ${budget.bound} ${budget.limit} ${budget.unit}`,
  ]);
  return [
    `== ${report.bench}: ${parameters.join(", ")}`,
    machineLine(machine),
    ...columns(figures),
    ...columns(budgets),
    ...report.notes.map((note) => `note: ${note}`),
    "",
  ].join("\n");
}

/** The report as it is kept: with the machine, the time, and each figure's median, least and greatest beside its samples. */
export interface Entry extends Report {
  readonly at: string;
  readonly machine: Machine;
  readonly figures: readonly (Figure & Spread)[];
  readonly budgets: readonly (Budget & { readonly met: boolean })[];
}

export function entryOf(report: Report, machine: Machine, at: Date): Entry {
  const figures = report.figures.map((figure) => ({ ...figure, ...spread(figure.samples) }));
  const budgets = report.budgets.map((budget) => ({ ...budget, met: isMet(budget) }));
  return { at: at.toISOString(), machine, ...report, figures, budgets };
}

/**
 * Writes the entry into `<folder>/<date>-<cpu>.json`, beside those of the other benches of that day and machine; an
 * earlier one of the same bench makes way.
 *
 * @param day of the file; a run that goes on past midnight stays in one.
 * @returns the file's path.
 */
export async function record(folder: string, entry: Entry, day: Date): Promise<string> {
  const cpu = entry.machine.cpu
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  const path = join(folder, `${day.toISOString().slice(0, 10)}-${cpu}.json`);
  await mkdir(folder, { recursive: true });
  const results = JSON.stringify({ ...(await earlier(path)), [entry.bench]: entry }, null, 2);
  // Whoever is stopped in the middle of writing keeps what was there.
  const written = `${path}.tmp`;
  await writeFile(written, `${results}\n`);
  await rename(written, path);
  return path;
}

/** @throws Error when there is a file that is no JSON object: hours of measuring are not overwritten without a word. */
async function earlier(path: string): Promise<object> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`${path} does not hold results as JSON. Move it away and measure again.`);
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd());
}

function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && Math.abs(value) < 10) return Number(value.toPrecision(3)).toString();
  return (Math.round(value * 10) / 10).toLocaleString("en-US", {
    maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0,
  });
}
