import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, BenchOptions } from "./bench.ts";
import { withIngestCost } from "./cost.ts";
import { writeDocuments } from "./folders.ts";
import { alternate, type Contestant, ratio } from "./harness.ts";
import {
  type Corpus,
  embeddingContestant,
  isthmusContestant,
  prototypeContestant,
  units,
} from "./ingest-contestants.ts";
import type { Progress } from "./progress.ts";
import { startPythonPeer } from "./python.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";
import { startBenchServer } from "./weaviate.ts";

const names = {
  files: "isthmus into Weaviate, separate files",
  lines: "isthmus into Weaviate, a document a line",
  embedded: "isthmus into SQLite, separate files",
  embedding: "embedding alone",
  prototype: "Python, one encode a line, batches of 100",
} as const;
/** The prototype is slow: so many of the texts tell its rate. */
const prototypeTexts = 300;

export const ingestBench: Bench = {
  name: "ingest",
  summary: "a whole ingest into Weaviate and into SQLite, against embedding alone and the prototype's way in Python",
  run: (options, progress, machine) =>
    withScratch(async (scratch): Promise<Report> => {
      const count = options.documents ?? 3000;
      const texts = await makeTexts(count, passageWords, options.corpus);
      progress.tell(`writing ${count} files`);
      const folder: Corpus = { path: join(scratch, "documents"), format: "auto", count };
      const file: Corpus = { path: join(scratch, "documents.txt"), format: "lines", count };
      await writeDocuments(folder.path, texts);
      await writeFile(file.path, `${texts.join("\n")}\n`);

      const notes: string[] = [];
      const server = await startBenchServer((line) => {
        progress.tell(line);
        notes.push(line);
      });
      notes.length = server === undefined ? notes.length : 0;
      const { cores } = options;
      const contestants: Contestant[] = [
        ...(server === undefined
          ? []
          : [
              isthmusContestant(names.files, folder, cores, scratch, server),
              isthmusContestant(names.lines, file, cores, scratch, server),
            ]),
        isthmusContestant(names.embedded, folder, cores, scratch),
        embeddingContestant(names.embedding, texts, cores),
      ];
      try {
        const figures = await withPrototype(options, progress, notes, texts, scratch, async (peer) => {
          const limit = Math.min(count, prototypeTexts);
          if (peer !== undefined) contestants.push(prototypeContestant(names.prototype, peer, limit, server));
          return await alternate(contestants, options.rounds ?? 3, units, progress);
        });
        const budgets = compare(figures, machine.avx512Vnni === true ? 4 : 2);
        const corpus = options.corpus ?? "made from the repository";
        const parameters = { documents: count, cores, corpus };
        return await withIngestCost(count, { bench: "ingest", parameters, figures, budgets, notes });
      } finally {
        await server?.stop();
      }
    }),
};

async function withPrototype(
  options: BenchOptions,
  progress: Progress,
  notes: string[],
  texts: readonly string[],
  scratch: string,
  body: (peer: Awaited<ReturnType<typeof startPythonPeer>> | undefined) => Promise<Figure[]>,
): Promise<Figure[]> {
  if (!options.python) return await body(undefined);
  const peer = await startPythonPeer(options.cores, progress);
  try {
    notes.push(`Python side: ${peer.versions}; the first ${Math.min(texts.length, prototypeTexts)} of the texts`);
    await peer.load(texts, scratch);
    await peer.encodeEach(Math.min(texts.length, 64));
    return await body(peer);
  } finally {
    await peer.close();
  }
}

/** Adds the ratios to the figures, by the clock and by CPU time, and gives the budgets. */
function compare(figures: Figure[], faster: number): Budget[] {
  const measured = new Set(figures.map(({ subject }) => subject));
  const budgets: Budget[] = [];
  for (const ours of [names.files, names.lines, names.embedded]) {
    if (!measured.has(ours)) continue;
    const share = ratio(figures, "documents", ours, names.embedding);
    // The other way round: less is better. A busy machine moves this one least.
    const cpu = ratio(figures, "CPU time", names.embedding, ours);
    figures.push(
      share,
      ...(cpu.samples.length > 0 ? [{ ...cpu, subject: share.subject, measure: "CPU time, share" }] : []),
    );
    budgets.push({
      what: `${ours}, share of embedding alone`,
      bound: "at least",
      limit: 0.9,
      unit: "x",
      measured: spread(share.samples).median,
    });
    if (!measured.has(names.prototype)) continue;
    const speed = ratio(figures, "documents", ours, names.prototype);
    figures.push(speed);
    budgets.push({
      what: `${ours}, against the prototype's way`,
      bound: "at least",
      limit: faster,
      unit: "x",
      measured: spread(speed.samples).median,
    });
  }
  return budgets;
}
