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
import { orLeftOut } from "./left-out.ts";
import { limitByInstructionSet, type Machine } from "./machine.ts";
import type { Progress } from "./progress.ts";
import { type PythonPeer, startPythonPeer } from "./python.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { spread } from "./statistics.ts";
import { makeTexts, passageWords } from "./texts.ts";
import { type BenchServer, openBenchServer } from "./weaviate.ts";

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
      const notes: string[] = [];
      // What is missing is known before anything is made.
      const peer = options.python
        ? await orLeftOut(notes, names.prototype, () => startPythonPeer(options.cores, progress))
        : undefined;
      try {
        const server = await orLeftOut(notes, "Weaviate", () => openBenchServer(progress.tell));
        try {
          return await measure(options, progress, machine, scratch, notes, peer, server);
        } finally {
          await server?.stop();
        }
      } finally {
        await peer?.close();
      }
    }),
};

async function measure(
  options: BenchOptions,
  progress: Progress,
  machine: Machine,
  scratch: string,
  notes: string[],
  peer: PythonPeer | undefined,
  server: BenchServer | undefined,
): Promise<Report> {
  const { cores } = options;
  const count = options.documents ?? 3000;
  const texts = await makeTexts(count, passageWords, options.corpus);
  progress.tell(`writing ${count} files`);
  const folder: Corpus = { path: join(scratch, "documents"), format: "auto", count };
  const file: Corpus = { path: join(scratch, "documents.txt"), format: "lines", count };
  await writeDocuments(folder.path, texts);
  await writeFile(file.path, `${texts.join("\n")}\n`);
  const contestants: Contestant[] = [];
  if (server !== undefined) {
    contestants.push(
      isthmusContestant(names.files, folder, cores, scratch, server),
      isthmusContestant(names.lines, file, cores, scratch, server),
    );
  }
  contestants.push(isthmusContestant(names.embedded, folder, cores, scratch));
  contestants.push(embeddingContestant(names.embedding, texts, cores));
  if (peer !== undefined) {
    const limit = Math.min(count, prototypeTexts);
    progress.tell("warming up the Python side");
    await peer.load(texts, scratch);
    await peer.encodeEach(Math.min(count, 64));
    contestants.push(prototypeContestant(names.prototype, peer, limit, server));
    notes.push(`Python side: ${peer.versions}; the first ${limit} of the texts`);
  }
  const figures = await alternate(contestants, options.rounds ?? 3, units, progress);
  const faster = limitByInstructionSet(machine, { vnni: 4, avx2: 2 });
  const budgets = compare(figures, faster.limit);
  if (peer !== undefined) notes.push(`against the prototype's way: ${faster.note}`);
  const parameters = { documents: count, cores, corpus: options.corpus ?? "made from the repository" };
  return await withIngestCost(count, { bench: "ingest", parameters, figures, budgets, notes });
}

/**
 * Adds the ratios to the figures, by the clock and by CPU time, and gives the budgets.
 *
 * @param faster than the prototype: the limit that this processor has, if one is set.
 */
function compare(figures: Figure[], faster: number | undefined): Budget[] {
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
    if (faster === undefined) continue;
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
