import { readBeir } from "../src/adapters/beir/read.ts";
import { evaluateFolder } from "../src/compose/evaluation.ts";
import type { Settings } from "../src/config/settings.ts";
import { type Evaluation, evaluationModes } from "../src/core/evaluate.ts";
import type { SearchMode } from "../src/core/types.ts";
import type { TestSet } from "./test-set.ts";

/** What a person looks at before asking in other words. */
const glance = 3;

export interface Quality extends Evaluation {
  /** The share of the questions with no relevant document among the first three, by mode: 0 to 1. */
  readonly missed: Readonly<Record<SearchMode, number>>;
  /** The share of the questions whose first document is relevant, by mode: 0 to 1. */
  readonly first: Readonly<Record<SearchMode, number>>;
}

/** Indexes a set in a place of its own, asks its questions in every mode, and scores what comes. */
export async function measureQuality(
  { folder, name }: TestSet,
  settings: Settings,
  signal: AbortSignal,
  tell: (line: string) => void = () => {},
): Promise<Quality> {
  const { queries, judgements } = await readBeir(folder, signal);
  const relevant = new Map(
    queries.map(({ id, text }) => {
      const grades = judgements.get(id) ?? new Map<string, number>();
      return [text, new Set([...grades].filter(([, grade]) => grade > 0).map(([document]) => document))];
    }),
  );
  const asked: Record<SearchMode, number> = { vector: 0, keyword: 0, hybrid: 0 };
  const missed: Record<SearchMode, number> = { vector: 0, keyword: 0, hybrid: 0 };
  const first: Record<SearchMode, number> = { vector: 0, keyword: 0, hybrid: 0 };
  const evaluation = await evaluateFolder(folder, settings, {
    signal,
    onIngest() {},
    onQueries: (done, total) => tell(`${name}: ${done} of ${total} questions`),
    onRanking(question, mode, ranking) {
      asked[mode] += 1;
      const wanted = relevant.get(question);
      if (ranking[0] !== undefined && wanted?.has(ranking[0])) first[mode] += 1;
      if (!ranking.slice(0, glance).some((document) => wanted?.has(document))) missed[mode] += 1;
    },
  });
  for (const mode of evaluationModes) {
    missed[mode] /= Math.max(1, asked[mode]);
    first[mode] /= Math.max(1, asked[mode]);
  }
  return { ...evaluation, missed, first };
}
