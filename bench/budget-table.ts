import { byMachine, headOf, type Plotted } from "./latest.ts";
import { round } from "./plot.ts";
import { isMet } from "./report.ts";

const [start, end] = ["<!-- measured -->", "<!-- /measured -->"];

/** What was measured against each budget, a table in Markdown for each machine, that of the most benches first. */
export function budgetTables(reports: readonly Plotted[]): string {
  return byMachine(reports).map(budgetTable).join("\n\n");
}

function budgetTable(reports: readonly Plotted[]): string {
  const rows = reports.flatMap(({ bench, budgets }) =>
    budgets.map((budget) => {
      const unit = budget.unit === "" ? "" : ` ${budget.unit}`;
      const measured = `${round(budget.measured)}${unit}`;
      const result = isMet(budget) ? measured : `**${measured}, missed**`;
      return `| \`${bench}\` | ${budget.what} | ${budget.bound} ${round(budget.limit)}${unit} | ${result} |`;
    }),
  );
  return [headOf(reports), "", "| bench | what | budget | measured |", "|---|---|---|---|", ...rows].join("\n");
}

/**
 * The page with these tables in their place, between two comments.
 * @throws Error for a page without them.
 */
export function withBudgetTable(page: string, reports: readonly Plotted[]): string {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no place for the tables: ${start} and ${end}.`);
  return `${page.slice(0, from + start.length)}\n${budgetTables(reports)}\n${page.slice(to)}`;
}
