import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeTexts, shortWords } from "./texts.ts";

const many = 200_000;
/** The lesser number of documents is a twentieth of the greater: 10,000. */
const part = 20;
const budgetMiB = 600;
const layouts = ["one file, a document a line", "separate files"] as const;

export const memoryBench: Bench = {
  name: "memory",
  summary: "peak memory of an ingest of 10,000 and of 200,000 short documents, as lines and as files (Linux)",
  async run(options, progress): Promise<Report> {
    const most = options.documents ?? many;
    const counts = [Math.ceil(most / part), most];
    const figures: Figure[] = [];
    const budgets: Budget[] = [];
    const notes: string[] = [];
    for (const layout of layouts) {
      for (const count of counts) {
        progress.tell(`${count} documents, ${layout}`);
        const { peakMemory, seconds } = await measure(layout, count, options.corpus, options.cores);
        const subject = `${count.toLocaleString("en-US")}, ${layout}`;
        figures.push({ subject, measure: "rate", unit: "documents/s", samples: [count / seconds] });
        if (peakMemory === undefined) {
          notes.push(`${subject}: this system does not tell the peak memory of a process`);
          continue;
        }
        const measured = peakMemory / 2 ** 20;
        figures.push({ subject, measure: "peak resident memory", unit: "MiB", samples: [measured] });
        budgets.push({ what: subject, bound: "at most", limit: budgetMiB, unit: "MiB", measured });
      }
    }
    return { bench: "memory", parameters: { cores: options.cores }, figures, budgets, notes };
  },
};

function measure(layout: (typeof layouts)[number], count: number, corpus: string | undefined, cores: number) {
  return withScratch(async (scratch) => {
    const texts = await makeTexts(count, shortWords, corpus);
    const asLines = layout === "one file, a document a line";
    const documents = join(scratch, asLines ? "documents.txt" : "documents");
    if (asLines) await writeFile(documents, `${texts.join("\n")}\n`);
    else await writeDocuments(documents, texts);
    texts.length = 0;
    const run = await runIsthmus(["ingest", documents, "--json"], join(scratch, "data"), {
      ISTHMUS_WORKERS: String(cores),
      DOCUMENT_FORMAT: asLines ? "lines" : "auto",
    });
    const { chunks } = ingestSummary(run);
    if (chunks < count) throw new Error(`${count} documents gave ${chunks} chunks.`);
    return run;
  });
}
