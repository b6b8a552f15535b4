import { join } from "node:path";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import type { StoreReader } from "../src/core/ports.ts";
import type { SearchMode } from "../src/core/types.ts";
import type { Bench, BenchOptions } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { folderBytes } from "./folders.ts";
import { alternate, ratio } from "./harness.ts";
import { type LancePeer, startLancePeer } from "./lance.ts";
import { orLeftOut } from "./left-out.ts";
import type { Progress } from "./progress.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { percentile, spread } from "./statistics.ts";
import { fillLance, type LanceContestants } from "./store-alternatives.ts";
import { makeStoreData, type StoreData } from "./store-data.ts";
import { fillStore } from "./store-fill.ts";
import { createSearcher, exactAnswers, limit } from "./store-search.ts";

const modes = ["vector", "keyword", "hybrid"] as const satisfies readonly SearchMode[];
const analyzer = createEnglishAnalyzer();

export const storeBench: Bench = {
  name: "store",
  summary: "100,000 chunks in the embedded store and in LanceDB: search times, recall, insert rate, bytes a chunk",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const notes: string[] = [];
      // Started before anything is made: where it is missing or breaks, that is known now, not in an hour.
      const peer = options.python
        ? await orLeftOut(notes, "LanceDB", () => startLancePeer(options.cores, scratch, progress))
        : undefined;
      try {
        return await measure(options, progress, scratch, notes, peer);
      } finally {
        await peer?.close();
      }
    }),
};

async function measure(
  options: BenchOptions,
  progress: Progress,
  scratch: string,
  notes: string[],
  peer: LancePeer | undefined,
): Promise<Report> {
  const count = options.documents ?? 100_000;
  const directory = join(scratch, "store");
  const embedder = await openEmbedder(options.cores);
  const { identity } = embedder.port;
  const data = await makeStoreData(count, options, embedder, progress).finally(() => embedder.close());

  const store = createSqliteStore({ directory });
  const writer = await store.openWriter(identity);
  const insertSeconds = await fillStore(writer, data, analyzer, progress).finally(() => writer.close());
  const bytes = await folderBytes(directory);
  const reader = await store.openReader(identity);
  try {
    const lance = peer === undefined ? undefined : await fillLance(peer, data, progress);
    const figures: Figure[] = [
      { subject: "insert", measure: "rate", unit: "chunks/s", samples: [count / insertSeconds] },
      { subject: "on disk", measure: "size", unit: "bytes/chunk", samples: [bytes / count] },
      ...(lance?.figures ?? []),
    ];
    const budgets = await search(options, progress, reader, data, lance, figures);
    const parameters = {
      chunks: count,
      queries: data.queries.length,
      limit,
      vectors: data.origin,
      corpus: options.corpus ?? "made from the repository",
    };
    if (lance !== undefined) notes.push(lance.note);
    return { bench: "store", parameters, figures, budgets, notes };
  } finally {
    await reader.close();
  }
}

/** Searches by turns and adds what it measures to the figures. */
async function search(
  options: BenchOptions,
  progress: Progress,
  reader: StoreReader,
  data: StoreData,
  lance: LanceContestants | undefined,
  figures: Figure[],
): Promise<Budget[]> {
  const searcher = createSearcher(reader, data, analyzer);
  for (const mode of modes) await searcher.times(mode);
  const contestants = modes.map((mode) => ({
    name: `${mode} search`,
    async run() {
      const milliseconds = await searcher.times(mode);
      return { p50: percentile(milliseconds, 50), p99: percentile(milliseconds, 99) };
    },
  }));
  const everybody = [...contestants, ...(lance?.contestants ?? [])];
  figures.push(...(await alternate(everybody, options.rounds ?? 3, { p50: "ms", p99: "ms" }, progress)));
  for (const { name } of lance?.contestants ?? []) {
    const mode = modes.find((each) => name.includes(` ${each} search`));
    if (mode !== undefined) figures.push(ratio(figures, "p50", name, `${mode} search`));
  }
  progress.tell("exact search, for recall");
  const exact = exactAnswers(data);
  const recall = await searcher.recall(exact);
  figures.push({ subject: "vector search", measure: "recall@10 against exact", unit: "", samples: [recall] });
  figures.push(...((await lance?.recall(exact)) ?? []));
  figures.push({ subject: "exact scan in JavaScript", measure: "mean", unit: "ms", samples: [exact.meanMs] });
  const vectorSearch = (measure: string) =>
    spread(figures.find((figure) => figure.subject === "vector search" && figure.measure === measure)?.samples ?? [])
      .median;
  const ms = { bound: "at most", unit: "ms" } as const;
  return [
    { what: "vector search, p50", ...ms, limit: 50, measured: vectorSearch("p50") },
    { what: "vector search, p99", ...ms, limit: 100, measured: vectorSearch("p99") },
    { what: "vector search, recall@10", bound: "at least", limit: 0.99, unit: "", measured: recall },
  ];
}
