import type { Analyzer, StoreReader } from "../src/core/ports.ts";
import type { SearchMode, SearchQuery } from "../src/core/types.ts";
import { mean } from "./statistics.ts";
import type { StoreData } from "./store-data.ts";
import { documentUri } from "./store-fill.ts";
import { nearest } from "./vectors.ts";

/** Hits of each search. */
export const limit = 10;

/** What an exact scan finds. */
export interface ExactAnswers {
  /** For each query the positions of the truly nearest chunks. */
  readonly positions: readonly (readonly number[])[];
  /** The mean time of a scan, in JavaScript. */
  readonly meanMs: number;
}

export function exactAnswers(data: StoreData): ExactAnswers {
  const milliseconds: number[] = [];
  const positions = data.queries.map(({ vector }) => {
    const start = performance.now();
    const found = nearest(vector, data.vectors, limit);
    milliseconds.push(performance.now() - start);
    return found;
  });
  return { positions, meanMs: mean(milliseconds) };
}

export interface Searcher {
  /** Milliseconds of each query, one at a time. */
  times(mode: SearchMode): Promise<number[]>;
  /** The share of the ten truly nearest chunks that vector search finds. */
  recall(exact: ExactAnswers): Promise<number>;
}

export function createSearcher(reader: StoreReader, data: StoreData, analyzer: Analyzer): Searcher {
  const queryOf = async (mode: SearchMode, { text, vector }: StoreData["queries"][number]): Promise<SearchQuery> => ({
    mode,
    limit,
    vector,
    terms: await analyzer.terms(text),
  });
  return {
    async times(mode) {
      const milliseconds: number[] = [];
      for (const query of await Promise.all(data.queries.map((given) => queryOf(mode, given)))) {
        const start = performance.now();
        await reader.search(query);
        milliseconds.push(performance.now() - start);
      }
      return milliseconds;
    },
    async recall(exact) {
      const shares: number[] = [];
      for (const [index, given] of data.queries.entries()) {
        const hits = await reader.search(await queryOf("vector", given));
        const found = new Set(hits.map((hit) => `${hit.uri} ${hit.content}`));
        const wanted = (exact.positions[index] ?? []).map((at) => `${documentUri(at)} ${data.text(at)}`);
        shares.push(wanted.filter((chunk) => found.has(chunk)).length / wanted.length);
      }
      return mean(shares);
    },
  };
}
