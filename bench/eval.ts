import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { againstFp32 } from "./against-fp32.ts";
import type { Bench } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { exactScores } from "./exact-scores.ts";
import { runIsthmus } from "./isthmus.ts";
import { startPythonPeer } from "./python.ts";
import { embedInPython } from "./python-encoder.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";

/** Hybrid nDCG@10 that the project promises, by the name of the set's folder. */
const hybridBudgets: Readonly<Record<string, number>> = { cranfield: 0.405, "xquad-en": 0.975 };

const scoresSchema = z.object({ "ndcg@10": z.number(), "recall@10": z.number(), "mrr@10": z.number() });
const evaluationSchema = z.object({ vector: scoresSchema, keyword: scoresSchema, hybrid: scoresSchema });

export const evalBench: Bench = {
  name: "eval",
  summary: "`isthmus eval` on each BEIR folder given, against the fp32 model of sentence-transformers",
  paths: "needed",
  async run(options, progress): Promise<Report> {
    const figures: Figure[] = [];
    const budgets: Budget[] = [];
    const notes: string[] = [];
    const embedder = await openEmbedder(options.cores);
    const python = options.python ? await startPythonPeer(options.cores, progress) : undefined;
    try {
      for (const folder of options.operands) {
        const set = basename(resolve(folder));
        progress.tell(`isthmus eval ${set}`);
        const scores = await withScratch(async (scratch) => {
          const run = await runIsthmus(["eval", folder, "--json"], join(scratch, "data"));
          figures.push({ subject: set, measure: "seconds", unit: "s", samples: [run.seconds] });
          return evaluationSchema.parse(JSON.parse(run.stdout));
        });
        for (const [mode, means] of Object.entries(scores)) {
          for (const [measure, value] of Object.entries(means)) {
            figures.push({ subject: set, measure: `${mode} ${measure}`, unit: "", samples: [value] });
          }
        }
        const hybrid = hybridBudgets[set];
        if (hybrid !== undefined) {
          const measured = scores.hybrid["ndcg@10"];
          budgets.push({ what: `${set}, hybrid nDCG@10`, bound: "at least", limit: hybrid, unit: "", measured });
        }
        if (python !== undefined) {
          progress.tell(`vectors of ${set} by both models, a vector a document`);
          const int8 = await exactScores(folder, (texts) => embedder.embed(texts));
          const fp32 = await exactScores(folder, embedInPython(python));
          const compared = againstFp32(set, scores.vector["ndcg@10"], int8, fp32);
          figures.push(...compared.figures);
          budgets.push(...compared.budgets);
          notes.push(compared.note);
        }
      }
    } finally {
      await embedder.close();
      await python?.close();
    }
    return { bench: "eval", parameters: { sets: options.operands.length }, figures, budgets, notes };
  },
};
