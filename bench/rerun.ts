import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { changeDocuments, writeDocuments } from "./folders.ts";
import { alternate, type Contestant, ratio, type Sample } from "./harness.ts";
import { type IngestSummary, ingestSummary, runIsthmus } from "./isthmus.ts";
import type { Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";
import { withStore } from "./weaviate.ts";

const collection = "BenchRerun";
const whole = "whole process";
const units = { [whole]: "s", "the run in it": "s" };
const first = "first";
const nothing = "nothing changed";

export const rerunBench: Bench = {
  name: "rerun",
  summary: "10,000 separate files: the first ingest against runs with nothing, 1 % and 100 % of them changed",
  run: (options, progress) =>
    withStore(options.store, progress.tell, (server) =>
      withScratch(async (scratch): Promise<Report> => {
        const count = options.documents ?? 10_000;
        const documents = join(scratch, "documents");
        progress.tell(`writing ${count} files`);
        const texts = await makeTexts(count, passageWords, options.corpus);
        await writeDocuments(documents, texts);
        let chunks = 0;
        /** @param check that the run did what the contestant is named for. */
        const ingest = async (round: number, check: (summary: IngestSummary) => boolean): Promise<Sample> => {
          const run = await runIsthmus(["ingest", documents, "--json"], join(scratch, `data-${round}`), {
            ISTHMUS_WORKERS: String(options.cores),
            ...server?.environment(collection),
          });
          const summary = ingestSummary(run);
          if (!check(summary))
            throw new Error(`The run says ${JSON.stringify(summary)}, which is not what it was for.`);
          chunks = Math.max(chunks, summary.chunks);
          return { [whole]: run.seconds, "the run in it": summary.took_ms / 1000 };
        };
        const changed = (name: string, step: number): Contestant => ({
          name,
          async run(round) {
            // Odd changes for some of the files, even ones for all, so that no text comes twice.
            await changeDocuments(documents, texts, step, step === 1 ? 2 * round : 2 * round - 1);
            const expected = Math.ceil(count / step);
            return await ingest(round, (summary) => summary.changed === expected);
          },
        });
        const contestants: Contestant[] = [
          {
            name: first,
            async run(round) {
              if (round > 1) await server?.drop(collection);
              await rm(join(scratch, `data-${round - 1}`), { recursive: true, force: true });
              return await ingest(round, ({ added }) => added === count);
            },
          },
          {
            name: nothing,
            run: (round) => ingest(round, ({ unchanged, embedded }) => unchanged === count && embedded === 0),
          },
          changed("1 % changed", 100),
          changed("100 % changed", 1),
        ];
        const figures = await alternate(contestants, options.rounds ?? 3, units, progress);
        const faster = ratio(figures, whole, first, nothing);
        return {
          bench: options.store === "sqlite" ? "rerun" : "rerun-weaviate",
          parameters: { documents: count, chunks, cores: options.cores, store: options.store },
          figures: [...figures, faster],
          budgets: [
            {
              what: "a run with nothing changed, whole process",
              bound: "at least",
              limit: 100,
              unit: "x faster",
              measured: spread(faster.samples).median,
            },
          ],
          notes: [],
        };
      }),
    ),
};
