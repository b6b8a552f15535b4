import { join } from "node:path";
import { createEnglishAnalyzer } from "../src/adapters/lexical/english.ts";
import { createSqliteStore } from "../src/adapters/store/sqlite/store.ts";
import type { SearchMode } from "../src/core/types.ts";
import type { Bench } from "./bench.ts";
import { openEmbedder } from "./embedder.ts";
import { folderBytes } from "./folders.ts";
import { alternate } from "./harness.ts";
import type { Budget, Figure, Report } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { percentile, spread } from "./statistics.ts";
import { makeStoreData } from "./store-data.ts";
import { fillStore } from "./store-fill.ts";
import { createSearcher, limit } from "./store-search.ts";

const modes = ["vector", "keyword", "hybrid"] as const satisfies readonly SearchMode[];
const analyzer = createEnglishAnalyzer();

export const storeBench: Bench = {
  name: "store",
  summary: "100,000 chunks in the embedded store: search times, recall against exact, insert rate, bytes a chunk",
  run: (options, progress) =>
    withScratch(async (scratch): Promise<Report> => {
      const count = options.documents ?? 100_000;
      const directory = join(scratch, "store");
      const embedder = await openEmbedder(options.cores);
      const { identity } = embedder.port;
      const data = await makeStoreData(count, options, embedder, progress);
      await embedder.close();

      const store = createSqliteStore({ directory });
      const writer = await store.openWriter(identity);
      const insertSeconds = await fillStore(writer, data, analyzer, progress);
      await writer.close();
      const bytes = await folderBytes(directory);

      const reader = await store.openReader(identity);
      const figures: Figure[] = [
        { subject: "insert", measure: "rate", unit: "chunks/s", samples: [count / insertSeconds] },
        { subject: "on disk", measure: "size", unit: "bytes/chunk", samples: [bytes / count] },
      ];
      const budgets: Budget[] = [];
      try {
        const searcher = createSearcher(reader, data, analyzer);
        for (const mode of modes) await searcher.times(mode);
        const contestants = modes.map((mode) => ({
          name: `${mode} search`,
          async run() {
            const milliseconds = await searcher.times(mode);
            return { p50: percentile(milliseconds, 50), p99: percentile(milliseconds, 99) };
          },
        }));
        figures.push(...(await alternate(contestants, options.rounds ?? 3, { p50: "ms", p99: "ms" }, progress)));
        progress.tell("exact search, for recall");
        const { recall, exactMs } = await searcher.recall();
        figures.push({ subject: "vector search", measure: "recall@10 against exact", unit: "", samples: [recall] });
        figures.push({ subject: "exact scan in JavaScript", measure: "mean", unit: "ms", samples: [exactMs] });
        const vectorSearch = (measure: string) =>
          spread(
            figures.find((figure) => figure.subject === "vector search" && figure.measure === measure)?.samples ?? [],
          ).median;
        const ms = { bound: "at most", unit: "ms" } as const;
        budgets.push(
          { what: "vector search, p50", ...ms, limit: 50, measured: vectorSearch("p50") },
          { what: "vector search, p99", ...ms, limit: 100, measured: vectorSearch("p99") },
          { what: "vector search, recall@10", bound: "at least", limit: 0.99, unit: "", measured: recall },
        );
      } finally {
        await reader.close();
      }
      const parameters = {
        chunks: count,
        queries: data.queries.length,
        limit,
        vectors: data.origin,
        corpus: options.corpus ?? "made from the repository",
      };
      return { bench: "store", parameters, figures, budgets, notes: [] };
    }),
};
