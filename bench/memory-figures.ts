import type { IsthmusRun } from "./isthmus.ts";
import type { Budget, Figure } from "./report.ts";

/** Megabytes, not mebibytes: 572 MiB. */
const budgetMB = 600;

export interface MemoryOfRuns {
  readonly figures: readonly Figure[];
  readonly budgets: readonly Budget[];
  readonly notes: readonly string[];
}

/** What runs of one kind tell, a sample each. The budget is judged by the greatest of them: a peak is promised, no median. */
export function memoryOfRuns(
  subject: string,
  documents: number,
  runs: readonly Pick<IsthmusRun, "seconds" | "peakMemory">[],
): MemoryOfRuns {
  const rates = runs.map(({ seconds }) => documents / seconds);
  const rate: Figure = { subject, measure: "rate", unit: "documents/s", samples: rates };
  const peaks = runs.map(({ peakMemory }) => peakMemory).filter((bytes) => bytes !== undefined);
  if (peaks.length < runs.length || peaks.length === 0) {
    return {
      figures: [rate],
      budgets: [],
      notes: [`${subject}: this system does not tell the peak memory of a process`],
    };
  }
  const samples = peaks.map((bytes) => bytes / 2 ** 20);
  const what = runs.length === 1 ? subject : `${subject}, the greatest of ${runs.length} runs`;
  const measured = Math.max(...peaks) / 1e6;
  return {
    figures: [rate, { subject, measure: "peak resident memory", unit: "MiB", samples }],
    budgets: [{ what, bound: "at most", limit: budgetMB, unit: "MB", measured }],
    notes: [],
  };
}
