import { createEmbeddingScheduler } from "./embedding.ts";
import { IsthmusError } from "./errors.ts";
import { soundHits } from "./hits.ts";
import type { Analyzer, Embedder, StoreReader } from "./ports.ts";
import type { Passage, QueryRequest, QueryResult, Retriever } from "./retrieve-types.ts";
import type { Hit, SearchMode } from "./types.ts";

/** Bounds of a query, the same at every door. */
export const queryLimits = { maxCharacters: 2000, defaultPassages: 3, maxPassages: 50 } as const;

/** Answers questions with passages: checks the bounds, analyses and embeds the question, searches the store. */
export function createRetriever(parts: {
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly reader: StoreReader;
}): Retriever {
  const { embedder, analyzer, reader } = parts;
  // A person is waiting: one more try, soon, and no long back-off.
  const scheduler = createEmbeddingScheduler(embedder, { attempts: 2, maxMs: 500, maxRetryAfterMs: 1000 });
  return {
    async query(request, signal): Promise<QueryResult> {
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
      const finished = performance.now();
      return {
        results: soundHits(hits, { mode, limit: k }).map(toPassage),
        tookMs: finished - started,
        embedMs: embedded - started,
        searchMs: finished - embedded,
      };
    },
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

function toPassage(hit: Hit): Passage {
  const { uri, recordId, title, heading, start, end, version, metadata } = hit;
  const cited = recordId === undefined ? uri : `${uri}#${encodeURIComponent(recordId)}`;
  return {
    content: hit.content,
    source: { uri: cited, title, heading, start, end, version, metadata },
    score: hit.score,
  };
}
