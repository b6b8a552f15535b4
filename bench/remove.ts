import { join } from "node:path";
import { z } from "zod";
import type { Bench, StoreName } from "./bench.ts";
import { writeDocuments } from "./folders.ts";
import { alternate, type Contestant } from "./harness.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import { orLeftOut } from "./left-out.ts";
import type { Budget, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, shortWords } from "./texts.ts";
import { type BenchServer, openBenchServer } from "./weaviate.ts";

const collection = "BenchRemove";
const perDocument = "removing";
const units = { [perDocument]: "ms a document", "whole process": "s" };
/** What is promised of it, milliseconds of the whole command a document. */
const limitMs = 3;

const answer = z.object({ removed: z.array(z.object({ removed: z.number() })) });

export const removeBench: Bench = {
  name: "remove",
  summary: "isthmus delete of a folder of 5,000 documents, on both stores",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const notes: string[] = [];
      const count = options.documents ?? 5_000;
      const server = options.stores.includes("weaviate")
        ? await orLeftOut(notes, "Weaviate", () => openBenchServer(progress.tell))
        : undefined;
      try {
        const documents = join(scratch, "documents");
        progress.tell(`writing ${count} files`);
        await writeDocuments(documents, await makeTexts(count, shortWords, options.corpus));
        const removing = (store: StoreName, at?: BenchServer): Contestant => ({
          name: store,
          async run(round) {
            const dataDir = join(scratch, `${store}-${round}`);
            const environment = { ISTHMUS_WORKERS: String(options.cores), ...at?.environment(collection) };
            const written = ingestSummary(await runIsthmus(["ingest", documents, "--json"], dataDir, environment));
            if (written.added !== count) throw new Error(`Of ${count} documents ${written.added} were added.`);
            const words = ["delete", documents, "--allow-mass-delete", "--json"];
            const run = await runIsthmus(words, dataDir, environment);
            const [{ removed } = { removed: 0 }] = answer.parse(JSON.parse(run.stdout)).removed;
            if (removed !== count) throw new Error(`Of ${count} documents ${removed} were removed.`);
            await at?.drop(collection);
            return { [perDocument]: (run.seconds * 1000) / count, "whole process": run.seconds };
          },
        });
        const contestants = [
          ...(options.stores.includes("sqlite") ? [removing("sqlite")] : []),
          ...(server === undefined ? [] : [removing("weaviate", server)]),
        ];
        const figures = await alternate(contestants, options.rounds ?? 3, units, progress);
        const budgets: Budget[] = figures
          .filter(({ measure }) => measure === perDocument)
          .map(({ subject, samples }) => ({
            what: `${subject}, removing a document`,
            bound: "at most",
            limit: limitMs,
            unit: "ms",
            measured: spread(samples).median,
          }));
        return { bench: "remove", parameters: { documents: count, cores: options.cores }, figures, budgets, notes };
      } finally {
        await server?.stop();
      }
    }),
};
