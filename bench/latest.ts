import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { kindOf } from "./machine.ts";

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
const flagSchema = z.boolean().optional();
/** What is kept of a machine, as far as it decides which figures may stand side by side. */
export const kindSchema = z.object({
  cpu: z.string(),
  cores: z.number(),
  avx2: flagSchema,
  avx512Vnni: flagSchema,
  avxVnni: flagSchema,
});
const reportSchema = z.object({
  at: z.string(),
  machine: kindSchema.extend({ node: z.string() }),
  figures: z.array(figureSchema),
  budgets: z.array(budgetSchema),
});
const fileSchema = z.record(z.string(), z.unknown());

export type PlottedBudget = z.infer<typeof budgetSchema>;
export type PlottedFigure = z.infer<typeof figureSchema>;

/** A bench's report, as it is drawn. */
export interface Plotted {
  readonly bench: string;
  readonly at: string;
  /** In words: processor, cores and instruction sets. */
  readonly machine: string;
  /** Node's version. */
  readonly node: string;
  readonly figures: readonly PlottedFigure[];
  readonly budgets: readonly PlottedBudget[];
}

export interface Latest {
  /** The latest report of each bench on each kind of machine, sorted by bench. */
  readonly reports: readonly Plotted[];
  /** What could not be read, with its file and bench. */
  readonly faults: readonly string[];
}

export async function resultFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => join(folder, name));
}

export async function readReports(files: readonly string[]): Promise<Latest> {
  const latest = new Map<string, Plotted>();
  const faults: string[] = [];
  for (const path of files) {
    const file = basename(path);
    const entries = await readEntries(path).catch((error: unknown) => {
      faults.push(`${file} does not hold results as JSON: ${error instanceof Error ? error.message : String(error)}`);
      return {};
    });
    for (const [bench, entry] of Object.entries(entries)) {
      const parsed = reportSchema.safeParse(entry);
      if (!parsed.success) {
        faults.push(`${file}, ${bench}: ${z.prettifyError(parsed.error)}`);
        continue;
      }
      const { machine, ...report } = parsed.data;
      const plotted = { bench, ...report, machine: kindOf(machine), node: machine.node };
      const key = `${bench} on ${plotted.machine}`;
      if ((latest.get(key)?.at ?? "") <= report.at) latest.set(key, plotted);
    }
  }
  return { reports: [...latest.values()].toSorted((left, right) => (left.bench < right.bench ? -1 : 1)), faults };
}

async function readEntries(path: string): Promise<Record<string, unknown>> {
  return fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

/** The reports of each machine by themselves: of the most benches first, of the later ones among equals. */
export function byMachine(reports: readonly Plotted[]): Plotted[][] {
  const last = (of: readonly Plotted[]) =>
    of
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? "";
  const machines = [...Map.groupBy(reports, ({ machine }) => machine).values()];
  return machines.toSorted((left, right) => right.length - left.length || (last(left) < last(right) ? 1 : -1));
}

/** Figures of several machines do not belong side by side: those of the one at hand, or else of the one that measured last. */
export function ofOneMachine(reports: readonly Plotted[], atHand?: string): Plotted[] {
  // A machine that measured nothing that has a budget has nothing to show: what is drawn and tabled are budgets.
  const judged = reports.filter(({ budgets }) => budgets.length > 0);
  const choice = judged.length > 0 ? judged : reports;
  const ours = reports.filter(({ machine }) => machine === atHand);
  if (choice.some(({ machine }) => machine === atHand)) return ours;
  const last = choice.toSorted((left, right) => (left.at < right.at ? -1 : 1)).at(-1);
  return reports.filter(({ machine }) => machine === last?.machine);
}

/** What stands over a picture of them: processor, cores, instruction sets, Node, and when it was measured. */
export function headOf(reports: readonly Plotted[]): string {
  const each = (of: (report: Plotted) => string) => [...new Set(reports.map(of))].toSorted();
  const days = each(({ at }) => at.slice(0, 10));
  const [first = "", last = first] = [days[0], days.at(-1)];
  const machines = each(({ machine }) => machine).join("; ");
  const node = each(({ node: version }) => version).join(" and ");
  return `${machines}, Node ${node}; measured on ${first === last ? first : `${first} to ${last}`}`;
}
