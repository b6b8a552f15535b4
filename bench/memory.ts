import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, BenchOptions } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { type IsthmusRun, ingestSummary, runIsthmus } from "./isthmus.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeTexts, shortWords } from "./texts.ts";
import { leftAtPace } from "./time-left.ts";
import { type BenchServer, withStore } from "./weaviate.ts";

const many = 200_000;
/** The lesser number of documents is a twentieth of the greater: 10,000. */
const part = 20;
/** Megabytes, not mebibytes: 572 MiB. */
const budgetMB = 600;
const layouts = ["separate files", "one file, a document a line"] as const;
type Layout = (typeof layouts)[number];

export const memoryBench: Bench = {
  name: "memory",
  summary: "peak memory of an ingest of 10,000 and of 200,000 short documents, and of one with nothing changed (Linux)",
  run: (options, progress) =>
    withStore(options.store, progress.tell, async (server): Promise<Report> => {
      const most = options.documents ?? many;
      const figures: Figure[] = [];
      const budgets: Budget[] = [];
      const notes: string[] = [];
      const start = performance.now();
      let done = 0;
      const counts = [Math.ceil(most / part), most];
      const total = layouts.length * counts.reduce((sum, count) => sum + count, 0);
      // The small ones first: who waits for the large ones has something to read.
      for (const count of counts) {
        for (const layout of layouts) {
          const subject = `${count.toLocaleString("en-US")}, ${layout}`;
          const tell = (what: string, more: number) =>
            progress.tell(`${what}${leftAtPace((performance.now() - start) / 1000, done + more, total)}`);
          const runs = await measure(layout, count, options, tell, server);
          done += count;
          for (const [what, run] of Object.entries(runs)) {
            const named = what === "first" ? subject : `${subject}, nothing changed`;
            figures.push({ subject: named, measure: "rate", unit: "documents/s", samples: [count / run.seconds] });
            if (run.peakMemory === undefined) {
              notes.push(`${named}: this system does not tell the peak memory of a process`);
              continue;
            }
            const measured = run.peakMemory / 2 ** 20;
            progress.tell(`${named}: ${measured.toFixed(0)} MiB at most, ${run.seconds.toFixed(0)} s`);
            figures.push({ subject: named, measure: "peak resident memory", unit: "MiB", samples: [measured] });
            budgets.push({
              what: named,
              bound: "at most",
              limit: budgetMB,
              unit: "MB",
              measured: run.peakMemory / 1e6,
            });
          }
          const held = server?.memory();
          if (held !== undefined) {
            figures.push({ subject: "the server after it", measure: subject, unit: "MiB", samples: [held / 2 ** 20] });
          }
        }
      }
      const parameters = { cores: options.cores, store: options.store };
      return { bench: options.store === "sqlite" ? "memory" : "memory-weaviate", parameters, figures, budgets, notes };
    }),
};

function measure(
  layout: Layout,
  count: number,
  options: BenchOptions,
  tell: (what: string, more: number) => void,
  server: BenchServer | undefined,
): Promise<{ first: IsthmusRun; again: IsthmusRun }> {
  return withScratch(async (scratch) => {
    const texts = await makeTexts(count, shortWords, options.corpus);
    const asLines = layout === "one file, a document a line";
    const documents = join(scratch, asLines ? "documents.txt" : "documents");
    if (asLines) await writeFile(documents, `${texts.join("\n")}\n`);
    else await writeDocuments(documents, texts);
    texts.length = 0;
    const collection = "BenchMemory";
    const ingest = () =>
      runIsthmus(["ingest", documents, "--json"], join(scratch, "data"), {
        ISTHMUS_WORKERS: String(options.cores),
        DOCUMENT_FORMAT: asLines ? "lines" : "auto",
        ...server?.environment(collection),
      });
    tell(`${count} documents, ${layout}`, 0);
    const first = await ingest();
    const { chunks } = ingestSummary(first);
    if (chunks < count) throw new Error(`${count} documents gave ${chunks} chunks.`);
    tell(`${count} documents, ${layout}, nothing changed`, count);
    const again = await ingest();
    const { unchanged, embedded } = ingestSummary(again);
    if (unchanged !== (asLines ? 1 : count) || embedded !== 0) throw new Error(`${unchanged} were unchanged.`);
    await server?.drop(collection);
    return { first, again };
  });
}
