import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, BenchOptions } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { type IsthmusRun, ingestSummary, runIsthmus } from "./isthmus.ts";
import { memoryOfRuns } from "./memory-figures.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { makeTexts, shortWords } from "./texts.ts";
import { leftAtPace } from "./time-left.ts";
import { type BenchServer, withStore } from "./weaviate.ts";

const many = 200_000;
/** The lesser number of documents is a twentieth of the greater: 10,000. */
const part = 20;
const layouts = ["separate files", "one file, a document a line"] as const;
type Layout = (typeof layouts)[number];

/** A first ingest and the same command again. */
interface Pair {
  readonly first: IsthmusRun;
  readonly again: IsthmusRun;
  /** Memory of the server after both, bytes. */
  readonly server: number | undefined;
}

export const memoryBench: Bench = {
  name: "memory",
  summary: "peak memory of an ingest of 10,000 and of 200,000 short documents, and of one with nothing changed (Linux)",
  run: (options, progress) =>
    withStore(options.store, progress.tell, async (server): Promise<Report> => {
      const most = options.documents ?? many;
      // A run takes minutes, so one is all, unless somebody asks for more.
      const rounds = options.rounds ?? 1;
      const figures: Figure[] = [];
      const budgets: Budget[] = [];
      const notes: string[] = [
        rounds === 1 ? "each figure is that of one run" : `each figure is that of ${rounds} runs`,
      ];
      const start = performance.now();
      let done = 0;
      const counts = [Math.ceil(most / part), most];
      const total = rounds * layouts.length * counts.reduce((sum, count) => sum + count, 0);
      // The small ones first: who waits for the large ones has something to read.
      for (const count of counts) {
        const pairs = layouts.map((): Pair[] => []);
        for (let round = 1; round <= rounds; round += 1) {
          for (const [index, layout] of layouts.entries()) {
            const inRound = rounds === 1 ? "" : `round ${round} of ${rounds}, `;
            const tell = (what: string, more: number) => {
              const left = leftAtPace((performance.now() - start) / 1000, done + more, total);
              progress.tell(`${inRound}${what}${left}`);
            };
            pairs[index]?.push(await measure(layout, count, options, tell, server));
            done += count;
          }
        }
        for (const [index, layout] of layouts.entries()) {
          const subject = `${count.toLocaleString("en-US")}, ${layout}`;
          const own = pairs[index] ?? [];
          for (const each of [
            memoryOfRuns(
              subject,
              count,
              own.map(({ first }) => first),
            ),
            memoryOfRuns(
              `${subject}, nothing changed`,
              count,
              own.map(({ again }) => again),
            ),
          ]) {
            figures.push(...each.figures);
            budgets.push(...each.budgets);
            notes.push(...each.notes);
          }
          const samples = own.flatMap((pair) => (pair.server === undefined ? [] : [pair.server / 2 ** 20]));
          if (samples.length > 0) {
            figures.push({ subject: "the server after it", measure: subject, unit: "MiB", samples });
          }
        }
      }
      const parameters = { documents: most, runs: rounds, cores: options.cores, store: options.store };
      return { bench: options.store === "sqlite" ? "memory" : "memory-weaviate", parameters, figures, budgets, notes };
    }),
};

function measure(
  layout: Layout,
  count: number,
  options: BenchOptions,
  tell: (what: string, more: number) => void,
  server: BenchServer | undefined,
): Promise<Pair> {
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
    const held = server?.memory();
    await server?.drop(collection);
    return { first, again, server: held };
  });
}
