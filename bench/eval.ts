import { basename, join, resolve } from "node:path";
import { z } from "zod";
import type { Bench } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { embedInPython, exactNdcg } from "./exact.ts";
import { runIsthmus } from "./isthmus.ts";
import { startPythonPeer } from "./python.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";

const toFp32 = 0.003;
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
          const int8 = await exactNdcg(folder, (texts) => embedder.embed(texts));
          const fp32 = await exactNdcg(folder, embedInPython(python));
          const model = { subject: `${set}, a vector a document`, unit: "" };
          figures.push({ ...model, measure: "int8 ndcg@10", samples: [int8] });
          figures.push({ ...model, measure: "fp32 ndcg@10", samples: [fp32] });
          const within = { bound: "at most", limit: toFp32, unit: "" } as const;
          budgets.push(
            { what: `${set}, int8 model from fp32 model`, ...within, measured: Math.abs(int8 - fp32) },
            { what: `${set}, isthmus eval below fp32 model`, ...within, measured: fp32 - scores.vector["ndcg@10"] },
          );
        }
      }
    } finally {
      await embedder.close();
      await python?.close();
    }
    return { bench: "eval", parameters: { sets: options.operands.length }, figures, budgets, notes: [] };
  },
};
