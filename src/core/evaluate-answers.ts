import type { Answer } from "./answer/types.ts";
import { Semaphore } from "./concurrency.ts";
import { IsthmusError } from "./errors.ts";

/** A question whose answer is known. */
export interface AnswerQuestion {
  readonly id: string;
  readonly text: string;
  /** What an answer must say, word for word, one of them; empty where the documents do not say. */
  readonly answers: readonly string[];
  /** Ids of the documents that answer it. */
  readonly documents: readonly string[];
}

export interface AnswerEvaluation {
  /** Questions that the documents answer, and those that they do not: asked for, or the same with their own documents taken out. */
  readonly questions: { readonly answerable: number; readonly unanswerable: number };
  /** Of the answerable questions, whether or not it would have abstained: the first sentence holds the answer. 0 to 1. */
  readonly first_sentence: number;
  /** The same for any of the first three sentences. */
  readonly first_three: number;
  /** Quotes in all answers, and those that do not stand in the document they name. */
  readonly quotes: { readonly shown: number; readonly not_in_document: number };
  /** The share of pairs, one answerable and one not, of which the answerable one has the greater `answerability`. */
  readonly auroc: number;
  /** With the threshold at which 95 % of the answerable questions are answered: the share of the unanswerable ones that are too. */
  readonly wrong_at_95: number;
  /** As it ships: the share of the answerable questions that get an answer, and of the unanswerable ones that get one all the same. */
  readonly answered: number;
  readonly answered_wrongly: number;
}

/** How one question fared. */
export interface AnswerOutcome {
  readonly id: string;
  readonly answerable: boolean;
  /** 0 to 1. */
  readonly answerability: number;
  /** Whether it gets an answer as the product ships. */
  readonly answered: boolean;
  /** The place of the first sentence that holds the answer, from 0; -1 where none does. */
  readonly place: number;
  readonly quotes: number;
  readonly misquoted: number;
}

export interface AnswerEvaluationInput {
  readonly questions: readonly AnswerQuestion[];
  /** Answers whatever it thinks of the passages, so that ranking and abstaining are judged apart. */
  readonly insist: (question: string, signal?: AbortSignal) => Promise<Answer>;
  /** Answers as it ships. */
  readonly ask: (question: string, signal?: AbortSignal) => Promise<Answer>;
  /** Whether an answerability is enough for an answer, as it ships. */
  readonly enough: (answerability: number) => boolean;
  /** Runs `body` while these documents are not in the index. */
  readonly without: (documents: readonly string[], body: () => Promise<void>) => Promise<void>;
  /** The text of a document that a source's URI names, as the test set has it; undefined where it has none. */
  readonly textOf: (uri: string) => string | undefined;
  /** Questions that are asked at once. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly onOutcome?: (outcome: AnswerOutcome) => void;
  readonly signal?: AbortSignal;
}

/**
 * Asks every question and measures what comes. Unanswerable are the questions without answers; where a set has none, every question
 * is asked once more with its own documents taken out of the index.
 *
 * @throws `query_invalid` where no question has an answer, `cancelled` by the signal, and whatever asking throws.
 */
export async function evaluateAnswers(input: AnswerEvaluationInput): Promise<AnswerEvaluation> {
  const answerable = input.questions.filter(({ answers }) => answers.length > 0);
  const written = input.questions.filter(({ answers }) => answers.length === 0);
  const takeOut = written.length === 0;
  if (answerable.length === 0) {
    throw new IsthmusError(
      "query_invalid",
      "None of the questions has an answer; answers.json names them by query id.",
    );
  }
  const total = answerable.length + (takeOut ? answerable.length : written.length);
  const outcomes: AnswerOutcome[] = [];
  const turns = new Semaphore(input.concurrency ?? 1);

  async function all(
    questions: readonly AnswerQuestion[],
    judge: (question: AnswerQuestion) => Promise<AnswerOutcome>,
  ) {
    const asked = questions.map(async (question) => {
      const leave = await turns.acquire();
      try {
        if (input.signal?.aborted) throw new IsthmusError("cancelled", "The evaluation was stopped before its end.");
        const outcome = await judge(question);
        outcomes.push(outcome);
        input.onOutcome?.(outcome);
        input.onProgress?.({ done: outcomes.length, total });
      } finally {
        leave();
      }
    });
    await Promise.allSettled(asked);
    await Promise.all(asked);
  }

  await all(answerable, async (question) => {
    const answer = await input.insist(question.text, input.signal);
    const answered = answer.sentences.length > 0 && input.enough(answer.answerability);
    return { ...outcomeOf(question, answer, input.textOf), answerable: true, answered };
  });
  const unanswered = async (question: AnswerQuestion) => {
    const answer = await input.ask(question.text, input.signal);
    return { ...outcomeOf(question, answer, input.textOf), answerable: false, answered: answer.sentences.length > 0 };
  };
  if (takeOut) {
    for (const [documents, questions] of byDocuments(answerable)) {
      await input.without(documents, () => all(questions, unanswered));
    }
  } else await all(written, unanswered);
  return summaryOf(outcomes);
}

function outcomeOf(question: AnswerQuestion, answer: Answer, textOf: AnswerEvaluationInput["textOf"]) {
  const quotes = answer.sentences.flatMap(({ citations }) => citations);
  return {
    id: question.id,
    answerability: answer.answerability,
    place: answer.sentences.findIndex(({ text }) => question.answers.some((wanted) => says(text, wanted))),
    quotes: quotes.length,
    misquoted: quotes.filter(({ quote, source }) => !plain(textOf(source.uri) ?? "").includes(plain(quote))).length,
  };
}

function summaryOf(outcomes: readonly AnswerOutcome[]): AnswerEvaluation {
  const answerable = outcomes.filter((outcome) => outcome.answerable);
  const unanswerable = outcomes.filter((outcome) => !outcome.answerable);
  const scores = answerable.map(({ answerability }) => answerability);
  const others = unanswerable.map(({ answerability }) => answerability);
  return {
    questions: { answerable: answerable.length, unanswerable: unanswerable.length },
    first_sentence: share(answerable, ({ place }) => place === 0),
    first_three: share(answerable, ({ place }) => place >= 0 && place < 3),
    quotes: {
      shown: outcomes.reduce((sum, { quotes }) => sum + quotes, 0),
      not_in_document: outcomes.reduce((sum, { misquoted }) => sum + misquoted, 0),
    },
    auroc: auroc(scores, others),
    wrong_at_95: wrongAt(0.95, scores, others),
    answered: share(answerable, ({ answered }) => answered),
    answered_wrongly: share(unanswerable, ({ answered }) => answered),
  };
}

/** The area under the receiver operating characteristic, ties counted half (Mann and Whitney's U over the pairs); NaN without pairs. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  let sum = 0;
  for (const positive of positives) {
    for (const negative of negatives) sum += positive > negative ? 1 : positive === negative ? 0.5 : 0;
  }
  return sum / (positives.length * negatives.length);
}

/** With the greatest threshold that at least this share of the positives reaches: the share of the negatives that reach it. */
export function wrongAt(coverage: number, positives: readonly number[], negatives: readonly number[]): number {
  const kept = positives.toSorted((left, right) => right - left)[Math.ceil(coverage * positives.length) - 1];
  return share(negatives, (negative) => kept !== undefined && negative >= kept);
}

/** Whether a sentence has the wanted words one after another, whatever stands between them; case and Unicode form aside. */
export function says(sentence: string, wanted: string): boolean {
  const words = wordsOf(wanted);
  if (words !== "") return ` ${wordsOf(sentence)} `.includes(` ${words} `);
  return wanted.trim() !== "" && plain(sentence).includes(plain(wanted));
}

function wordsOf(text: string): string {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(" ");
}

/** As quotes are compared: NFC, each run of white space one space. */
function plain(text: string): string {
  return text.normalize("NFC").replace(/\s+/gu, " ").trim();
}

function byDocuments(questions: readonly AnswerQuestion[]): [string[], AnswerQuestion[]][] {
  const groups = new Map<string, [string[], AnswerQuestion[]]>();
  for (const question of questions) {
    const documents = question.documents.toSorted();
    const key = JSON.stringify(documents);
    const group = groups.get(key) ?? [documents, []];
    group[1].push(question);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function share<Item>(items: readonly Item[], has: (item: Item) => boolean): number {
  return items.filter(has).length / items.length;
}
