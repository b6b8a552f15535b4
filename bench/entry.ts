import type { Machine } from "./machine.ts";
import type { Origin } from "./origin.ts";
import { type Budget, type Figure, isMet, type Report } from "./report.ts";
import { type Spread, spread } from "./statistics.ts";

/**
 * The report as it is kept: with the machine, the time, how it came about, and each figure's median, least and greatest
 * beside its samples.
 */
export interface Entry extends Report, Origin {
  readonly at: string;
  readonly machine: Machine;
  readonly figures: readonly (Figure & Spread)[];
  readonly budgets: readonly (Budget & { readonly met: boolean })[];
}

export function entryOf(report: Report, machine: Machine, origin: Origin, at: Date): Entry {
  const figures = report.figures.map((figure) => ({ ...figure, ...spread(figure.samples) }));
  const budgets = report.budgets.map((budget) => ({ ...budget, met: isMet(budget) }));
  return { at: at.toISOString(), machine, ...origin, ...report, figures, budgets };
}
