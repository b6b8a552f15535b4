import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";

export const rerunBench: Bench = {
  name: "rerun",
  summary: "10,000 separate files: the first ingest against one with nothing changed",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const count = options.documents ?? 10_000;
      const documents = join(scratch, "documents");
      const dataDir = join(scratch, "data");
      progress.tell(`writing ${count} files`);
      await writeDocuments(documents, await makeTexts(count, passageWords, options.corpus));
      const ingest = () =>
        runIsthmus(["ingest", documents, "--json"], dataDir, { ISTHMUS_WORKERS: String(options.cores) });

      progress.tell(`first ingest of ${count} documents`);
      const firstRun = await ingest();
      const first = ingestSummary(firstRun);
      if (first.added !== count) throw new Error(`Of ${count} documents ${first.added} were added.`);

      const processes: number[] = [];
      const runs: number[] = [];
      for (let round = 1; round <= (options.rounds ?? 5); round += 1) {
        progress.tell(`run ${round} with nothing changed`);
        const run = await ingest();
        const summary = ingestSummary(run);
        if (summary.unchanged !== count || summary.embedded !== 0) {
          throw new Error(`Of ${count} unchanged documents ${summary.unchanged} were taken for unchanged.`);
        }
        processes.push(run.seconds);
        runs.push(summary.took_ms / 1000);
      }
      const faster = processes.map((seconds) => firstRun.seconds / seconds);
      const figures: Figure[] = [
        { subject: "first", measure: "whole process", unit: "s", samples: [firstRun.seconds] },
        { subject: "first", measure: "the run in it", unit: "s", samples: [first.took_ms / 1000] },
        { subject: "nothing changed", measure: "whole process", unit: "s", samples: processes },
        { subject: "nothing changed", measure: "the run in it", unit: "s", samples: runs },
        { subject: "first / nothing changed", measure: "whole process", unit: "x", samples: faster },
        {
          subject: "first / nothing changed",
          measure: "the run in it",
          unit: "x",
          samples: runs.map((seconds) => first.took_ms / 1000 / seconds),
        },
      ];
      return {
        bench: "rerun",
        parameters: { documents: count, chunks: first.chunks, cores: options.cores },
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
};
