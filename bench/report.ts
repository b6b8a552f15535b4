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
