import { join } from "node:path";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import { createWeaviateStore } from "../src/adapters/store/weaviate/store.ts";
import type { Store } from "../src/core/ports.ts";
import type { ModelIdentity, SearchMode } from "../src/core/types.ts";
import type { Bench, BenchOptions } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { folderBytes } from "./folders.ts";
import type { Progress } from "./progress.ts";
import type { Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { percentile } from "./statistics.ts";
import { makeStoreData, type StoreData } from "./store-data.ts";
import { fillStore } from "./store-fill.ts";
import { createSearcher } from "./store-search.ts";
import { type BenchServer, startBenchServer } from "./weaviate.ts";

const sizes = [1_000, 10_000, 100_000, 1_000_000];
const usual = 10_000;
const modes = ["vector", "hybrid"] as const satisfies readonly SearchMode[];
const analyzer = createEnglishAnalyzer();

export const growthBench: Bench = {
  name: "growth",
  summary: "both stores at 1,000 and 10,000 chunks (more with --documents): time a chunk, search times, memory, disk",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const most = options.documents ?? usual;
      const embedder = await openEmbedder(options.cores);
      const { identity } = embedder.port;
      const data = await makeStoreData(most, options, embedder, progress);
      await embedder.close();
      const directory = join(scratch, "store");
      const figures: Figure[] = [];
      const sqlite = createSqliteStore({ directory });
      await grow("SQLite", sqlite, identity, data, options, progress, figures, async () => ({
        "on disk": (await folderBytes(directory)) / 2 ** 20,
      }));
      const server = await startBenchServer(progress.tell);
      try {
        if (server !== undefined) {
          const store = createWeaviateStore(server.settings("BenchGrowth"));
          await grow("Weaviate", store, identity, data, options, progress, figures, async () => memoryOf(server));
        }
      } finally {
        await server?.stop();
      }
      return { bench: "growth", parameters: { chunks: most, vectors: data.origin }, figures, budgets: [], notes: [] };
    }),
};

function memoryOf(server: BenchServer): Record<string, number> {
  const held = server.memory();
  return held === undefined ? {} : { "memory of the server": held / 2 ** 20 };
}

/** Fills a store from one size to the next, and searches at each. */
async function grow(
  name: string,
  store: Store,
  identity: ModelIdentity,
  data: StoreData,
  options: BenchOptions,
  progress: Progress,
  figures: Figure[],
  size: () => Promise<Record<string, number>>,
): Promise<void> {
  let filled = 0;
  for (const chunks of sizes.filter((each) => each <= data.vectors.length)) {
    const subject = `${name}, ${chunks.toLocaleString("en-US")} chunks`;
    const part = { ...data, vectors: data.vectors.slice(0, chunks) };
    const writer = await store.openWriter(identity);
    const seconds = await fillStore(writer, part, analyzer, progress, filled);
    await writer.close();
    const perChunk = (seconds / (chunks - filled)) * 1000;
    figures.push({ subject, measure: "writing, since the size before", unit: "ms a chunk", samples: [perChunk] });
    filled = chunks;
    for (const [measure, mebibytes] of Object.entries(await size())) {
      figures.push({ subject, measure, unit: "MiB", samples: [mebibytes] });
    }
    const reader = await store.openReader(identity);
    try {
      const searcher = createSearcher(reader, part, analyzer);
      await searcher.times("vector");
      for (const mode of modes) {
        progress.tell(`${subject}: ${mode} search`);
        const rounds: number[] = [];
        for (let round = 0; round < (options.rounds ?? 3); round += 1) {
          rounds.push(percentile(await searcher.times(mode), 50));
        }
        figures.push({ subject, measure: `${mode} search, p50`, unit: "ms", samples: rounds });
      }
      const { recall } = await searcher.recall();
      figures.push({ subject, measure: "recall@10 against exact", unit: "", samples: [recall] });
    } finally {
      await reader.close();
    }
  }
}
