import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { writeDocuments } from "./folders.ts";
import { alternate, type Contestant, ratio, timed } from "./harness.ts";
import { ingestSummary, runIsthmus } from "./isthmus.ts";
import { type PythonPeer, startPythonPeer } from "./python.ts";
import type { Budget, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";

const ingesting = "isthmus ingest";
const embedding = "embedding alone";
const oneByOne = "Python, one encode a line";

export const ingestBench: Bench = {
  name: "ingest",
  summary: "a whole ingest of separate files, against embedding alone and against one encode a line in Python",
  run: (options, progress, machine) =>
    withScratch(async (scratch): Promise<Report> => {
      const count = options.documents ?? 1000;
      const texts = await makeTexts(count, passageWords, options.corpus);
      const documents = join(scratch, "documents");
      progress.tell(`writing ${count} files`);
      await writeDocuments(documents, texts);

      const contestants: Contestant[] = [
        {
          name: ingesting,
          async run(round) {
            const dataDir = join(scratch, `data-${round}`);
            await mkdir(dataDir);
            const run = await runIsthmus(["ingest", documents, "--json"], dataDir, {
              ISTHMUS_WORKERS: String(options.cores),
            });
            const summary = ingestSummary(run);
            if (summary.added !== count) throw new Error(`Of ${count} documents ${summary.added} were added.`);
            return {
              documents: count / (summary.took_ms / 1000),
              "documents, process start counted": count / run.seconds,
              chunks: summary.chunks,
            };
          },
        },
        {
          name: embedding,
          async run() {
            // Opened for each round, so that idle workers do not stand beside the others.
            const embedder = await openEmbedder(options.cores);
            try {
              await embedder.embed(texts.slice(0, 32));
              const { seconds } = await timed(() => embedder.embed(texts));
              return { documents: count / seconds };
            } finally {
              await embedder.close();
            }
          },
        },
      ];
      let python: PythonPeer | undefined;
      const notes: string[] = [];
      if (options.python) {
        python = await startPythonPeer(options.cores, progress);
        notes.push(`Python side: ${python.versions}; its vectors are thrown away, so it has no store to fill`);
        const limit = Math.min(count, 300);
        await python.load(texts, scratch);
        await python.encodeEach(Math.min(limit, 64));
        const peer = python;
        contestants.push({
          name: oneByOne,
          run: async () => ({ documents: limit / (await peer.encodeEach(limit)) }),
        });
      }
      try {
        const units = {
          documents: "documents/s",
          "documents, process start counted": "documents/s",
          chunks: "chunks",
        };
        const figures = await alternate(contestants, options.rounds ?? 3, units, progress);
        const share = ratio(figures, "documents", ingesting, embedding);
        figures.push(share);
        const budgets: Budget[] = [
          {
            what: "ingest, share of embedding alone",
            bound: "at least",
            limit: 0.9,
            unit: "x",
            measured: spread(share.samples).median,
          },
        ];
        if (python !== undefined) {
          const speed = ratio(figures, "documents", ingesting, oneByOne);
          figures.push(speed);
          budgets.push({
            what: "ingest against one encode a line",
            bound: "at least",
            limit: machine.avx512Vnni === true ? 4 : 2,
            unit: "x",
            measured: spread(speed.samples).median,
          });
        }
        const parameters = {
          documents: count,
          cores: options.cores,
          corpus: options.corpus ?? "made from the repository",
        };
        return { bench: "ingest", parameters, figures, budgets, notes };
      } finally {
        await python?.close();
      }
    }),
};
