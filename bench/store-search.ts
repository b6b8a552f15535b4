import type { Analyzer, StoreReader } from "../src/core/ports.ts";
import type { SearchMode, SearchQuery } from "../src/core/types.ts";
import { mean } from "./statistics.ts";
import type { StoreData } from "./store-data.ts";
import { documentUri } from "./store-fill.ts";
import { nearest } from "./vectors.ts";

/** Hits of each search. */
export const limit = 10;

export interface Searcher {
  /** Milliseconds of each query, one at a time. */
  times(mode: SearchMode): Promise<number[]>;
  /** The share of the ten truly nearest chunks that vector search finds, and the mean time of the exact scan. */
  recall(): Promise<{ readonly recall: number; readonly exactMs: number }>;
}

export function createSearcher(reader: StoreReader, data: StoreData, analyzer: Analyzer): Searcher {
  const queryOf = (mode: SearchMode, { text, vector }: StoreData["queries"][number]): SearchQuery => ({
    mode,
    limit,
    vector,
    terms: analyzer.terms(text),
  });
  return {
    async times(mode) {
      const milliseconds: number[] = [];
      for (const query of data.queries.map((given) => queryOf(mode, given))) {
        const start = performance.now();
        await reader.search(query);
        milliseconds.push(performance.now() - start);
      }
      return milliseconds;
    },
    async recall() {
      const shares: number[] = [];
      const milliseconds: number[] = [];
      for (const given of data.queries) {
        const start = performance.now();
        const exact = nearest(given.vector, data.vectors, limit);
        milliseconds.push(performance.now() - start);
        const hits = await reader.search(queryOf("vector", given));
        const found = new Set(hits.map((hit) => `${hit.uri} ${hit.content}`));
        const wanted = exact.map((position) => `${documentUri(position)} ${data.text(position)}`);
        shares.push(wanted.filter((chunk) => found.has(chunk)).length / wanted.length);
      }
      return { recall: mean(shares), exactMs: mean(milliseconds) };
    },
  };
}
