import { readFile } from "node:fs/promises";
import { z } from "zod";
import { pairedDifference } from "../bench/paired-difference.ts";
import { evaluationModes } from "../src/core/evaluate.ts";

const scoresSchema = z.record(z.string(), z.number());
const measuredSchema = z.object({
  key: z.string(),
  store: z.string(),
  questions: z.object({ vector: scoresSchema, keyword: scoresSchema, hybrid: scoresSchema }),
});
export type Measured = z.infer<typeof measuredSchema>;

/** What `npm run eval -- --json` printed of every question, set by set and store by store. */
export async function readQuestions(path: string): Promise<Measured[]> {
  const { results } = z.object({ results: z.array(z.unknown()) }).parse(JSON.parse(await readFile(path, "utf8")));
  return onlyMeasured(results);
}

/**
 * How far this run lies from another, by set, store and mode: the mean of the differences question by question, its standard error,
 * and the standard deviation of one question, which does not depend on how many there are (`processor` in baseline.json).
 */
export function differences(results: readonly unknown[], other: readonly Measured[]): string[] {
  return onlyMeasured(results).flatMap(({ key, store, questions }) => {
    const found = other.find((measured) => measured.key === key && measured.store === store);
    if (found === undefined) return [`${key}, ${store}: not in the other run`];
    return evaluationModes.map((mode) => {
      const pair = (scores: Readonly<Record<string, number>>) => new Map(Object.entries(scores));
      const { mean, standardError, pairs } = pairedDifference(pair(questions[mode]), pair(found.questions[mode]));
      const deviation = standardError * Math.sqrt(pairs);
      const figures = [mean, standardError, deviation].map((figure) => figure.toFixed(4));
      return `${key}, ${store}, ${mode}: differs by ${figures[0]} ± ${figures[1]} (${pairs} questions, ${figures[2]} each)`;
    });
  });
}

/** Results of a set; the others are of recall and of how far the stores lie apart. */
function onlyMeasured(results: readonly unknown[]): Measured[] {
  return results.flatMap((result) => {
    const parsed = measuredSchema.safeParse(result);
    return parsed.success ? [parsed.data] : [];
  });
}
