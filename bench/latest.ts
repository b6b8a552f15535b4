import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const budgetSchema = z.object({
  what: z.string(),
  bound: z.enum(["at least", "at most"]),
  limit: z.number(),
  unit: z.string(),
  measured: z.number(),
});
const figureSchema = z.object({
  subject: z.string(),
  measure: z.string(),
  unit: z.string(),
  median: z.number(),
  at: z.number().optional(),
});
const resultSchema = z.record(
  z.string(),
  z.object({
    at: z.string(),
    machine: z.object({ cpu: z.string(), cores: z.number() }),
    figures: z.array(figureSchema),
    budgets: z.array(budgetSchema),
  }),
);

export type PlottedBudget = z.infer<typeof budgetSchema>;
export type PlottedFigure = z.infer<typeof figureSchema>;

/** A bench's report, as it is drawn. */
export interface Plotted {
  readonly bench: string;
  readonly at: string;
  readonly machine: string;
  readonly figures: readonly PlottedFigure[];
  readonly budgets: readonly PlottedBudget[];
}

/** The latest report of each bench, from all result files of a folder. */
export async function latestReports(folder: string): Promise<Plotted[]> {
  const latest = new Map<string, Plotted>();
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".json")).toSorted()) {
    const reports = resultSchema.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
    for (const [bench, { machine, ...report }] of Object.entries(reports)) {
      if ((latest.get(bench)?.at ?? "") > report.at) continue;
      latest.set(bench, { bench, ...report, machine: `${machine.cpu}, ${machine.cores} cores` });
    }
  }
  return [...latest.values()].sort((left, right) => (left.bench < right.bench ? -1 : 1));
}
