import type { EvidenceWeights, QuestionFeature, SentenceFeature } from "../../src/core/answer/evidence.ts";
import { auroc, wrongAt } from "../../src/core/evaluate-answers.ts";
import type { Found } from "./collect.ts";
import { type Choice, eliminate, fitChoice, fitLogistic, type Row } from "./models.ts";

/** More than any five passages have. */
const allSentences = 1_000;

export interface Held {
  readonly first: boolean;
  readonly firstThree: boolean;
  /** Answerability with the documents there and gone. */
  readonly there: number;
  readonly gone: number;
  /** The threshold that the fold's own training data gave for 95 % coverage. */
  readonly threshold: number;
}

/** Fits both models on some questions, features picked there too. */
export async function fit(
  found: readonly Found[],
): Promise<{ readonly weights: EvidenceWeights; readonly threshold: number }> {
  const sentences = await fitSentences(found);
  const { answerability, threshold } = await fitAnswerability(found, sentences);
  return { weights: { sentences, answerability }, threshold };
}

async function fitSentences(found: readonly Found[]): Promise<EvidenceWeights["sentences"]> {
  let names: SentenceFeature[] = [];
  const choices: Choice[] = [];
  for (const { there, right } of found) {
    const { features } = await there.weigh({ embedded: allSentences });
    names = Object.keys(features.sentences[0] ?? {}).filter((name) => name !== "text") as SentenceFeature[];
    choices.push({
      rows: features.sentences.map((sentence) => names.map((name) => sentence[name])),
      right: features.sentences.map(({ text }) => right(text)),
    });
  }
  const { kept, fitted } = eliminate(names, (columns) =>
    fitChoice(
      choices.map(({ rows, right }) => ({ right, rows: rows.map((row) => only(row, columns)) })),
      columns.length,
    ),
  );
  return named(names, kept, fitted.weights);
}

async function fitAnswerability(found: readonly Found[], sentences: EvidenceWeights["sentences"]) {
  const weights = { sentences, answerability: {} };
  let names: QuestionFeature[] = [];
  const rows: Row[] = [];
  const labels: boolean[] = [];
  for (const { there, gone } of found) {
    for (const [hits, label] of [
      [there, true],
      [gone, false],
    ] as const) {
      const { question } = (await hits.weigh({ weights })).features;
      names = Object.keys(question) as QuestionFeature[];
      rows.push(names.map((name) => question[name]));
      labels.push(label);
    }
  }
  const { kept, fitted } = eliminate(
    names,
    (columns) =>
      fitLogistic(
        rows.map((row) => only(row, columns)),
        labels,
        columns.length,
        columns.indexOf(names.indexOf("bias")),
      ),
    ["bias"],
  );
  const answerability = named(names, kept, fitted.weights);
  const scores: number[] = [];
  for (const { there } of found)
    scores.push((await there.weigh({ weights: { sentences, answerability } })).answerability);
  return { answerability, threshold: thresholdAt(0.95, scores) };
}

/** Fits on all folds but one and judges that one, in turn; an article is in one fold. */
export async function crossValidate(
  found: readonly Found[],
  folds: number,
  tell: (line: string) => void,
): Promise<readonly Held[]> {
  const articles = [...new Set(found.map(({ article }) => article))];
  const foldOf = new Map(articles.map((article, at) => [article, at % folds]));
  const held: Held[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const { weights, threshold } = await fit(found.filter(({ article }) => foldOf.get(article) !== fold));
    tell(
      `fold ${fold + 1}: ${Object.keys(weights.sentences).join(" ")} | ${Object.keys(weights.answerability).join(" ")}`,
    );
    for (const each of found.filter(({ article }) => foldOf.get(article) === fold)) {
      held.push(await judge(each, weights, threshold));
    }
  }
  return held;
}

export async function judge({ there, gone, right }: Found, weights: EvidenceWeights, threshold: number): Promise<Held> {
  const evidence = await there.weigh({ weights });
  const place = evidence.sentences.findIndex(({ text }) => right(text));
  return {
    first: place === 0,
    firstThree: place >= 0 && place < 3,
    there: evidence.answerability,
    gone: (await gone.weigh({ weights })).answerability,
    threshold,
  };
}

/** The figures of `isthmus eval --answers`, and what a threshold that has not seen them does. */
export function figuresOf(held: readonly Held[]) {
  const there = held.map((each) => each.there);
  const gone = held.map((each) => each.gone);
  return {
    first_sentence: share(held, ({ first }) => first),
    first_three: share(held, ({ firstThree }) => firstThree),
    auroc: auroc(there, gone),
    wrong_at_95: wrongAt(0.95, there, gone),
    curve: [0.99, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7].map((coverage) => ({
      coverage,
      threshold: thresholdAt(coverage, there),
      wrong: wrongAt(coverage, there, gone),
    })),
    unseen_threshold: {
      answered: share(held, (each) => each.there >= each.threshold),
      answered_wrongly: share(held, (each) => each.gone >= each.threshold),
    },
  };
}

function thresholdAt(coverage: number, scores: readonly number[]): number {
  return scores.toSorted((left, right) => right - left)[Math.ceil(coverage * scores.length) - 1] ?? 0;
}

function only(row: Row, columns: readonly number[]): number[] {
  return columns.map((column) => row[column] ?? 0);
}

function named<Name extends string>(names: readonly Name[], kept: readonly number[], weights: readonly number[]) {
  return Object.fromEntries(
    kept.map((column, at) => [names[column], Number((weights[at] ?? 0).toFixed(3))]),
  ) as Partial<Record<Name, number>>;
}

function share<Item>(items: readonly Item[], has: (item: Item) => boolean): number {
  return items.filter(has).length / items.length;
}
