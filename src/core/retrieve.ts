import { createEmbeddingScheduler } from "./embedding.ts";
import { IsthmusError } from "./errors.ts";
import { soundHits } from "./hits.ts";
import type { Analyzer, Embedder, StoreReader } from "./ports.ts";
import type { Passage, QueryRequest, QueryResult, Retriever } from "./retrieve-types.ts";
import type { Hit, SearchMode } from "./types.ts";

/** Bounds of a query, the same at every door. */
export const queryLimits = { maxCharacters: 2000, defaultPassages: 3, maxPassages: 50 } as const;

/** What was found for a question, with what it was looked for by. */
export interface Found {
  readonly hits: readonly Hit[];
  /** Of the question; absent for a search by keyword. */
  readonly vector?: Float32Array;
  readonly embedMs: number;
  readonly searchMs: number;
}

interface RetrievalParts {
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly reader: StoreReader;
}

/** Answers questions with passages: checks the bounds, analyses and embeds the question, searches the store. */
export function createRetriever(parts: RetrievalParts): Retriever {
  const find = createFinder(parts);
  return {
    async query(request, signal): Promise<QueryResult> {
      const { hits, embedMs, searchMs } = await find(request, signal);
      return { results: hits.map(toPassage), tookMs: embedMs + searchMs, embedMs, searchMs };
    },
  };
}

/** The same with the hits themselves and the question's vector, for what goes on with them. */
export function createFinder(parts: RetrievalParts): (request: QueryRequest, signal?: AbortSignal) => Promise<Found> {
  const { embedder, analyzer, reader } = parts;
  // A person is waiting: one more try, soon, and no long back-off.
  const scheduler = createEmbeddingScheduler(embedder, { attempts: 2, maxMs: 500, maxRetryAfterMs: 1000 });
  return async (request, signal) => {
    const { query, k, mode } = checked(request);
    const started = performance.now();
    const vector = mode === "keyword" ? undefined : (await scheduler.embed([query], signal))[0];
    const unfamiliar = mode === "hybrid" ? await unfamiliarIn(query, parts, signal) : undefined;
    const embedded = performance.now();
    const terms = mode === "vector" ? undefined : analyzer.terms(query);
    const hits = await reader.search(
      {
        mode,
        limit: k,
        ...(vector && { vector }),
        ...(terms && { terms }),
        ...(unfamiliar !== undefined && { unfamiliar }),
        ...(request.filter && { filter: request.filter }),
      },
      signal,
    );
    return {
      hits: soundHits(hits, { mode, limit: k }),
      ...(vector && { vector }),
      embedMs: embedded - started,
      searchMs: performance.now() - embedded,
    };
  };
}

/** Letters, digits and their marks, and what joins them to one word, identifier or version. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[_.:'’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;

/** How little the model knows of the words that keyword search looks for, 0 to 1; undefined where nobody can tell. */
export async function unfamiliarIn(
  query: string,
  { embedder, analyzer }: { readonly embedder: Embedder; readonly analyzer: Analyzer },
  signal?: AbortSignal,
): Promise<number | undefined> {
  const telling = (query.match(WORD) ?? []).filter((word) => analyzer.terms(word).length > 0);
  return await embedder.unfamiliar?.(telling, signal);
}

function checked(request: QueryRequest): { query: string; k: number; mode: SearchMode } {
  const { query, k = queryLimits.defaultPassages, mode = "hybrid" } = request;
  if (query.trim() === "") {
    throw new IsthmusError("query_invalid", "The query is empty; ask in 1 to 2,000 characters.", { field: "query" });
  }
  if (query.length > queryLimits.maxCharacters) {
    throw new IsthmusError(
      "query_invalid",
      `The query has ${query.length} characters; ask in at most ${queryLimits.maxCharacters}.`,
      { field: "query" },
    );
  }
  if (!Number.isInteger(k) || k < 1 || k > queryLimits.maxPassages) {
    throw new IsthmusError("query_invalid", `k is ${k}; it is a whole number from 1 to ${queryLimits.maxPassages}.`, {
      field: "k",
    });
  }
  return { query, k, mode };
}

export function toPassage(hit: Hit): Passage {
  const { uri, recordId, title, heading, start, end, version, metadata } = hit;
  const cited = recordId === undefined ? uri : `${uri}#${encodeURIComponent(recordId)}`;
  return {
    content: hit.content,
    source: { uri: cited, title, heading, start, end, version, metadata },
    score: hit.score,
  };
}
