import type { Budget, Figure, Report } from "./report.ts";
import { percentile, spread } from "./statistics.ts";

const ours = "the query function";
export const theirs = "Python, sentence-transformers";
const toFirstAnswer = "to the first answer";

/** Milliseconds. */
export interface Start {
  readonly init: number;
  readonly answered: number;
}

/** Some starts of ours, and one of theirs after them, where it takes part. */
export interface Block {
  readonly mine: readonly Start[];
  readonly other: Start | undefined;
}

/** What blocks of starts, and answers after thaws in milliseconds, come to. */
export function judged(blocks: readonly Block[], thawed: readonly number[]): Pick<Report, "figures" | "budgets"> {
  const mine = blocks.flatMap((each) => each.mine);
  const answers = mine.map(({ answered }) => answered);
  const inits = mine.map(({ init }) => init);
  const p99 = percentile(answers, 99);
  const figures: Figure[] = [
    figure(ours, "INIT", inits),
    figure(ours, toFirstAnswer, answers),
    figure(ours, `${toFirstAnswer}, p99`, [p99]),
    figure(ours, "answer after a thaw with a dead connection", thawed),
  ];
  const budgets: Budget[] = [
    budget("cold start to the first answer, p50", "at most", 400, "ms", spread(answers).median),
    budget("cold start to the first answer, p99", "at most", 700, "ms", p99),
    budget("answer after a thaw with a dead connection", "at most", 1000, "ms", Math.max(...thawed)),
  ];
  const compared = blocks.flatMap(({ mine: own, other }) =>
    other === undefined ? [] : [{ slow: other.answered, usual: spread(own.map(({ answered }) => answered)).median }],
  );
  if (compared.length > 0) {
    const faster = compared.map(({ slow, usual }) => slow / usual);
    const slow = compared.map((each) => each.slow);
    figures.push(figure(theirs, toFirstAnswer, slow));
    figures.push({ subject: `${theirs} / ${ours}`, measure: toFirstAnswer, unit: "x", samples: faster });
    budgets.push(budget("cold start, faster than Python", "at least", 10, "x", spread(faster).median));
  }
  return { figures, budgets };
}

function figure(subject: string, measure: string, samples: readonly number[]): Figure {
  return { subject, measure, unit: "ms", samples };
}

function budget(what: string, bound: Budget["bound"], limit: number, unit: string, measured: number): Budget {
  return { what, bound, limit, unit, measured };
}
