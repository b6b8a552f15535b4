import { evaluateAnswersOf } from "../../compose/answer-evaluation.ts";
import { evaluateFolder } from "../../compose/evaluation.ts";
import { evaluationModes } from "../../core/evaluate.ts";
import type { AnswerEvaluation } from "../../core/evaluate-answers.ts";
import type { Command, Invocation } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { count, type Output } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { settingsOf, storeHelp, storeOption } from "./shared.ts";

export const evalCommand: Command = {
  name: "eval",
  summary: "measure retrieval, or answers, on a BEIR folder",
  usage: "eval [--answers] <folder> [options]",
  options: { ...storeOption, answers: { type: "boolean" } },
  optionHelp: {
    ...storeHelp,
    answers: "measure the answers to its questions; answers.json beside it says what they are",
  },
  examples: [
    "isthmus eval ./beir/scifact",
    "isthmus eval ./beir/scifact --json",
    "isthmus eval --answers ./beir/xquad-en",
  ],
  positionals: [1, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals, values } = invocation;
  const folder = positionals[0] ?? "";
  const settings = settingsOf(invocation);
  const progress = createProgress(output);
  return await interruptible(output, "Stopping…", async (signal) => {
    const listener = { signal, onIngest: progress.onEvent, onQueries: progress.onQueries };
    if (values["answers"] === true) {
      const evaluation = await evaluateAnswersOf(folder, settings, listener).finally(progress.stop);
      output.data(evaluation);
      printAnswers(output, evaluation);
      return 0;
    }
    const evaluation = await evaluateFolder(folder, settings, listener).finally(progress.stop);
    output.data(evaluation);
    output.line("          nDCG@10  recall@10  MRR@10");
    for (const mode of evaluationModes) {
      const scores = evaluation[mode];
      const cells = [
        scores["ndcg@10"].toFixed(3).padStart(7),
        scores["recall@10"].toFixed(3).padStart(9),
        scores["mrr@10"].toFixed(3).padStart(6),
      ];
      output.line(`${mode.padEnd(8)}  ${cells.join("  ")}`);
    }
    return 0;
  });
}

function printAnswers(output: Output, evaluation: AnswerEvaluation): void {
  const { questions, quotes } = evaluation;
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const rows = [
    ["answer in the first sentence", evaluation.first_sentence.toFixed(3)],
    ["answer in the first three", evaluation.first_three.toFixed(3)],
    ["quotes", `${count(quotes.shown, "quote")}, ${quotes.not_in_document} not in the document`],
    ["AUROC of answerability", evaluation.auroc.toFixed(3)],
    ["wrong at 95 % coverage", percent(evaluation.wrong_at_95)],
    ["as it ships: answered", percent(evaluation.answered)],
    ["as it ships: answered wrongly", percent(evaluation.answered_wrongly)],
  ] as const;
  output.line(
    `${count(questions.answerable, "question")} that the documents answer, ${questions.unanswerable} that they do not`,
  );
  for (const [what, figure] of rows) output.line(`${what.padEnd(32)}${figure}`);
}
