import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { changeDocuments, writeDocuments } from "./folders.ts";
import { type IngestSummary, type IsthmusRun, ingestSummary, runIsthmus } from "./isthmus.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";
import { leftInWords } from "./time-left.ts";
import { withStore } from "./weaviate.ts";

const collection = "BenchRerun";

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
        const figures: Figure[] = [];
        const ingest = async (subject: string, runs: number, check: (summary: IngestSummary) => boolean) => {
          const done: { run: IsthmusRun; summary: IngestSummary }[] = [];
          for (let round = 1; round <= runs; round += 1) {
            const left = leftInWords([{ done: done.map(({ run }) => run.seconds), total: runs }]);
            progress.tell(`${subject}, run ${round} of ${runs}${left}`);
            if (subject === onePercent) await changeDocuments(documents, texts, 100, round);
            const run = await runIsthmus(["ingest", documents, "--json"], join(scratch, "data"), {
              ISTHMUS_WORKERS: String(options.cores),
              ...server?.environment(collection),
            });
            const summary = ingestSummary(run);
            if (!check(summary)) throw new Error(`${subject}: the run says ${JSON.stringify(summary)}`);
            done.push({ run, summary });
          }
          const whole = done.map(({ run }) => run.seconds);
          const inside = done.map(({ summary }) => summary.took_ms / 1000);
          figures.push({ subject, measure: "whole process", unit: "s", samples: whole });
          figures.push({ subject, measure: "the run in it", unit: "s", samples: inside });
          return { whole, inside, chunks: done[0]?.summary.chunks ?? 0 };
        };

        const rounds = options.rounds ?? 5;
        const first = await ingest("first", 1, ({ added }) => added === count);
        const unchanged = await ingest(
          nothing,
          rounds,
          (summary) => summary.unchanged === count && summary.embedded === 0,
        );
        const few = Math.ceil(count / 100);
        await ingest(onePercent, rounds, ({ changed }) => changed === few);
        await changeDocuments(documents, texts, 1, rounds + 1);
        await ingest("100 % changed", 1, ({ changed }) => changed === count);

        const firstWhole = first.whole[0] ?? 0;
        const faster = unchanged.whole.map((seconds) => firstWhole / seconds);
        figures.push({ subject: `first / ${nothing}`, measure: "whole process", unit: "x", samples: faster });
        return {
          bench: options.store === "sqlite" ? "rerun" : "rerun-weaviate",
          parameters: { documents: count, chunks: first.chunks, cores: options.cores, store: options.store },
          figures,
          budgets: [
            {
              what: "a run with nothing changed, whole process",
              bound: "at least",
              limit: 100,
              unit: "x faster",
              measured: spread(faster).median,
            },
          ],
          notes: [],
        };
      }),
    ),
};

const nothing = "nothing changed";
const onePercent = "1 % changed";
