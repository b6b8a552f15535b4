import { evaluateFolder } from "../../compose/evaluation.ts";
import { evaluationModes } from "../../core/evaluate.ts";
import type { Command, Invocation } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { createProgress } from "../terminal/progress.ts";
import { settingsOf, storeHelp, storeOption } from "./shared.ts";

export const evalCommand: Command = {
  name: "eval",
  summary: "measure retrieval quality on a BEIR folder",
  usage: "eval <folder> [options]",
  options: { ...storeOption },
  optionHelp: { ...storeHelp },
  examples: ["isthmus eval ./beir/scifact", "isthmus eval ./beir/scifact --json"],
  positionals: [1, 1],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output, positionals } = invocation;
  const settings = settingsOf(invocation);
  const progress = createProgress(output);
  return await interruptible(output, "Stopping…", async (signal) => {
    const evaluation = await evaluateFolder(positionals[0] ?? "", settings, {
      signal,
      onIngest: progress.onEvent,
      onQueries: progress.onQueries,
    }).finally(progress.stop);
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
