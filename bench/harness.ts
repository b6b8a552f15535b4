import type { Progress } from "./progress.ts";
import type { Figure } from "./report.ts";
import { leftInWords } from "./time-left.ts";

/** What one run of one contestant gave: a number for each measure. */
export type Sample = Readonly<Record<string, number>>;

export interface Contestant {
  readonly name: string;
  run(round: number): Promise<Sample>;
}

/**
 * Runs the contestants in turn (A B A B …), so that a machine that slows down or speeds up does so for all of them.
 *
 * @param units of each measure, by its name: measures without one are left out of the figures.
 * @returns one figure for each contestant and measure, with a sample for each round.
 */
export async function alternate(
  contestants: readonly Contestant[],
  rounds: number,
  units: Readonly<Record<string, string>>,
  progress: Progress,
): Promise<Figure[]> {
  const figures = contestants.map((contestant) =>
    Object.entries(units).map(([measure, unit]) => ({
      subject: contestant.name,
      measure,
      unit,
      samples: [] as number[],
    })),
  );
  const durations = contestants.map((): number[] => []);
  const left = () => leftInWords(durations.map((done) => ({ done, total: rounds })));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      progress.tell(`round ${round} of ${rounds}: ${contestant.name}${left()}`);
      const { seconds, result: sample } = await timed(() => contestant.run(round));
      durations[index]?.push(seconds);
      for (const figure of figures[index] ?? []) {
        const value = sample[figure.measure];
        if (value !== undefined) figure.samples.push(value);
      }
    }
  }
  return figures.flat().filter((figure) => figure.samples.length > 0);
}

/** The same measure of two contestants, divided round by round: what the noise of the machine touches least. */
export function ratio(figures: readonly Figure[], measure: string, ours: string, theirs: string): Figure {
  const find = (subject: string) => figures.find((figure) => figure.subject === subject && figure.measure === measure);
  const dividends = find(ours)?.samples ?? [];
  const divisors = find(theirs)?.samples ?? [];
  const samples = dividends.slice(0, divisors.length).map((dividend, index) => dividend / (divisors[index] ?? 0));
  return { subject: `${ours} / ${theirs}`, measure, unit: "x", samples };
}

/** Seconds that `work` took, and what it gave. */
export async function timed<Result>(work: () => Promise<Result>): Promise<{ seconds: number; result: Result }> {
  const start = performance.now();
  const result = await work();
  return { seconds: (performance.now() - start) / 1000, result };
}
