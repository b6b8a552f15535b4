import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type AnswerSet, readAnswerSet } from "../../src/adapters/beir/answers.ts";
import { evaluateAnswerSet } from "../../src/compose/answer-evaluation.ts";
import type { Settings } from "../../src/config/settings.ts";
import type { AnswerEvaluation, AnswerOutcome } from "../../src/core/evaluate-answers.ts";
import { docsSet } from "../test-set.ts";

const folder = join(import.meta.dirname, "..", "docs-answers");
const committed = join(folder, "baseline.json");

/** So many questions fewer are no loss, and so much AUROC: one question that changes places, where vectors are the same bits. */
const tolerance = { questions: 1, auroc: 0.01 };
/** The same on a processor of no known class, against the class that did worst. */
const stranger = { questions: 3, auroc: 0.03 };

const figuresSchema = z.object({
  /** Answerable questions whose first sentence holds the answer; one of the first three; that get an answer as it ships. */
  first_sentence: z.int(),
  first_three: z.int(),
  answered: z.int(),
  /** Unanswerable questions that get none as it ships. */
  abstained: z.int(),
  auroc: z.number(),
});
export type AnswerFigures = z.infer<typeof figuresSchema>;
/** By class of processor (`classHere`). */
const baselineSchema = z.record(z.string(), figuresSchema);
export type AnswerBaseline = z.infer<typeof baselineSchema>;

/** The questions of `docs-answers` about the corpus of `docs-set`. */
export async function readDocsAnswers(signal?: AbortSignal): Promise<AnswerSet> {
  return await readAnswerSet(folder, signal, join(docsSet, "corpus.jsonl"));
}

export async function readAnswerBaseline(path = committed): Promise<AnswerBaseline> {
  return baselineSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

/** Takes the figures of one class of processors as its baseline; those of others are forgotten where anything changed. */
export async function writeAnswerBaseline(processor: string, figures: AnswerFigures, path = committed): Promise<void> {
  const before = await readAnswerBaseline(path);
  const same = JSON.stringify(before[processor]) === JSON.stringify(figures);
  const baseline = { ...(same && before), [processor]: figures };
  await writeFile(path, `${JSON.stringify(baseline, null, 2)}\n`);
}

export interface Measured {
  readonly evaluation: AnswerEvaluation;
  readonly figures: AnswerFigures;
  readonly outcomes: readonly AnswerOutcome[];
}

/** Asks the questions in a temporary index. */
export async function measureDocsAnswers(
  settings: Settings,
  tell: (line: string) => void = () => {},
): Promise<Measured> {
  const outcomes: AnswerOutcome[] = [];
  const evaluation = await evaluateAnswerSet(await readDocsAnswers(), settings, {
    signal: new AbortController().signal,
    onIngest() {},
    onQueries: (done, total) => tell(`docs-answers: ${done} of ${total} questions`),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  const { answerable, unanswerable } = evaluation.questions;
  const figures = {
    first_sentence: Math.round(evaluation.first_sentence * answerable),
    first_three: Math.round(evaluation.first_three * answerable),
    answered: Math.round(evaluation.answered * answerable),
    abstained: Math.round((1 - evaluation.answered_wrongly) * unanswerable),
    auroc: Number(evaluation.auroc.toFixed(4)),
  };
  return { evaluation, figures, outcomes };
}

/** A line for each figure that is worse than it may be; a quote that stands in no document is one whatever the baseline says. */
export function answerLosses(
  { evaluation, figures }: Pick<Measured, "evaluation" | "figures">,
  baseline: AnswerBaseline,
  processor: string | undefined,
): string[] {
  const { not_in_document: invented } = evaluation.quotes;
  const losses = invented === 0 ? [] : [`docs-answers: ${invented} quotes stand in no document`];
  const own = processor === undefined ? undefined : baseline[processor];
  const known = own === undefined ? Object.values(baseline) : [own];
  const allowed = own === undefined ? stranger : tolerance;
  for (const name of known.length === 0 ? [] : (Object.keys(figures) as (keyof AnswerFigures)[])) {
    const before = Math.min(...known.map((each) => each[name]));
    if (before - figures[name] <= (name === "auroc" ? allowed.auroc : allowed.questions)) continue;
    losses.push(`docs-answers, ${name}: fell from ${before} to ${figures[name]}`);
  }
  return losses;
}

export function linesOf({ evaluation: { questions }, figures }: Pick<Measured, "evaluation" | "figures">): string[] {
  const { answerable, unanswerable } = questions;
  return [
    `docs-answers, ${answerable} questions: ${figures.first_sentence} answered by the first sentence, ${figures.first_three} by the first three, ${figures.answered} get an answer`,
    `docs-answers, ${unanswerable} that the docs do not answer: ${figures.abstained} get none; AUROC ${figures.auroc}`,
  ];
}
