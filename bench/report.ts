import type { Machine } from "./machine.ts";
import type { Origin } from "./origin.ts";
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

/** @throws Error for a figure or budget that is no number: JSON would keep it as null, and nobody could read it again. */
export function checkNumbers({ bench, figures, budgets }: Report): void {
  const all = [
    ...figures.map(({ subject, measure, at, samples }) => {
      return { what: `${subject}, ${measure}${at === undefined ? "" : ` at ${at}`}`, numbers: samples };
    }),
    ...budgets.map(({ what, limit, measured }) => ({ what: `the budget "${what}"`, numbers: [limit, measured] })),
  ];
  for (const { what, numbers } of all) {
    const wrong = numbers.find((number) => !Number.isFinite(number));
    if (wrong === undefined) continue;
    throw new Error(`${bench}: ${what} is ${wrong}, so nothing was written. That is a defect of the bench.`);
  }
}
