import { inTime, queryDeadlineMs } from "./deadline.ts";
import { asQuestion, createEmbeddingScheduler } from "./embedding.ts";
import { IsthmusError, present } from "./errors.ts";
import { filterLimits, validateFilterSize, validateTerms } from "./filter.ts";
import { soundHits } from "./hits.ts";
import type { Analyzer, Embedder, StoreReader } from "./ports.ts";
import type { Passage, QueryRequest, QueryResult, Retriever } from "./retrieve-types.ts";
import type { Hit } from "./types.ts";

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
  /** Milliseconds of one query, once the model is loaded. */
  readonly deadlineMs?: number;
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
  const { embedder, analyzer, reader, deadlineMs = queryDeadlineMs } = parts;
  // A person is waiting: one more try, soon, and no long back-off.
  const scheduler = createEmbeddingScheduler(embedder, { attempts: 2, maxMs: 500, maxRetryAfterMs: 1000 });

  async function find({ query, k, mode, filter }: CheckedQuery, signal: AbortSignal): Promise<Found> {
    const started = performance.now();
    const terms = mode === "vector" ? undefined : await analyzer.terms(query);
    // Before it costs a run of the model.
    if (terms !== undefined) validateTerms(terms);
    const vector =
      mode === "keyword"
        ? undefined
        : present((await scheduler.embed([asQuestion(embedder, query)], signal))[0], "the vector of the question");
    const unfamiliar = mode === "hybrid" ? await unfamiliarIn(query, parts, signal) : undefined;
    const embedded = performance.now();
    const hits = await reader.search(
      {
        mode,
        limit: k,
        ...(vector && { vector }),
        ...(terms && { terms }),
        ...(unfamiliar !== undefined && { unfamiliar }),
        ...(filter && { filter }),
      },
      signal,
    );
    return {
      hits: soundHits(hits, { mode, limit: k }),
      ...(vector && { vector }),
      embedMs: embedded - started,
      searchMs: performance.now() - embedded,
    };
  }

  return async (request, signal) => {
    const checked = checkQuery(request);
    signal?.throwIfAborted();
    // Once for a process, and as long as it takes: no query is at fault.
    if (checked.mode !== "keyword") await embedder.load(signal);
    return await inTime(deadlineMs, signal, (inTimeSignal) => find(checked, inTimeSignal));
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
  if (embedder.unfamiliar === undefined) return undefined;
  const telling: string[] = [];
  for (const word of query.match(WORD) ?? []) if ((await analyzer.terms(word)).length > 0) telling.push(word);
  return await embedder.unfamiliar(telling, signal);
}

/** A question within its bounds, with what it left out. */
export type CheckedQuery = QueryRequest & Required<Pick<QueryRequest, "k" | "mode">>;

/**
 * Holds a question to its bounds; costs nothing, so that a door may do it before a question waits for its turn.
 * @throws `query_invalid` with the field at fault.
 */
export function checkQuery(request: QueryRequest): CheckedQuery {
  const { query, k = queryLimits.defaultPassages, mode = "hybrid", filter } = request;
  const { maxCharacters, maxPassages } = queryLimits;
  if (query.trim() === "") {
    const text = `The query is empty; ask in 1 to ${maxCharacters} characters.`;
    throw new IsthmusError("query_invalid", text, { field: "query" });
  }
  if (query.length > maxCharacters) {
    const text = `The query has ${query.length} characters; ask in at most ${maxCharacters}.`;
    throw new IsthmusError("query_invalid", text, { field: "query" });
  }
  if (!Number.isInteger(k) || k < 1 || k > maxPassages) {
    const text = `k is ${k}; it is a whole number from 1 to ${maxPassages}.`;
    throw new IsthmusError("query_invalid", text, { field: "k" });
  }
  if (filter !== undefined) validateFilterSize(filter);
  // A store finds nothing by it; whoever asks that meant something else.
  for (const [key, wanted] of Object.entries(filter?.metadata ?? {})) {
    if (!Array.isArray(wanted) || wanted.length > 0) continue;
    const text = `The list has 0 values; 1 to ${filterLimits.list} are allowed.`;
    throw new IsthmusError("query_invalid", text, { field: `filter.metadata.${key}` });
  }
  return { ...request, k, mode };
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
