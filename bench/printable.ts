import type { Entry } from "./entry.ts";
import { machineLine } from "./machine.ts";
import { commandLine } from "./origin.ts";
import { inPercent, quietShare } from "./other-work.ts";
import { isMet } from "./report.ts";

/** The report as a person reads it. */
export function printable(entry: Entry): string {
  const parameters = Object.entries(entry.parameters).map(([name, value]) => `${name} ${value}`);
  const figures = entry.figures.map((figure) => {
    const { median, min, max, samples } = figure;
    const range = samples.length > 1 ? `${round(min)} to ${round(max)} in ${samples.length}` : "";
    const subject =
      figure.at === undefined ? figure.subject : `${figure.subject}, ${figure.at.toLocaleString("en-US")} chunks`;
    return [subject, figure.measure, round(median), figure.unit, range];
  });
  const budgets = entry.budgets.map((budget) => [
    isMet(budget) ? "met" : "MISSED",
    budget.what,
    `${round(budget.measured)} ${budget.unit},`,
    `budget ${budget.bound} ${budget.limit} ${budget.unit}`,
  ]);
  return [
    ...warning(entry),
    `== ${entry.bench}: ${parameters.join(", ")}`,
    machineLine(entry.machine),
    `other work before the start: ${entry.otherWork === undefined ? "unknown" : `${inPercent(entry.otherWork)} of the cores`}`,
    `${commitLine(entry)}: ${commandLine(entry.options)}`,
    ...columns(figures),
    ...columns(budgets),
    ...entry.notes.map((note) => `note: ${note}`),
    "",
  ].join("\n");
}

function warning({ otherWork }: Entry): string[] {
  if (otherWork === undefined || otherWork <= quietShare) return [];
  const took = `Other work took ${inPercent(otherWork)} of the cores before the start (over ${inPercent(quietShare)})`;
  return [`!! ${took}: these figures are noisy. Close it and measure again.`];
}

function commitLine({ commit, dirty }: Entry): string {
  if (commit === undefined) return "no commit is known";
  return `commit ${commit.slice(0, 12)}${dirty === true ? ", changed since" : ""}`;
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
