import { inTime, queryDeadlineMs } from "./deadline.ts";
import { asQuestion, createEmbeddingScheduler } from "./embedding.ts";
import { IsthmusError, present } from "./errors.ts";
import { explain } from "./explain.ts";
import { filterLimits, validateFilterSize, validateTerms } from "./filter.ts";
import { soundHits } from "./hits.ts";
import { ownTermsOf } from "./own-terms.ts";
import type { Analyzer, Embedder, StoreReader } from "./ports.ts";
import { questionTerms } from "./question-terms.ts";
import type { Passage, QueryRequest, QueryResult, Retriever } from "./retrieve-types.ts";
import type { Hit, SearchQuery, TurnedAway } from "./types.ts";
import { WORD } from "./words.ts";

/** Bounds of a query, the same at every door. */
export const queryLimits = { maxCharacters: 2000, defaultPassages: 3, maxPassages: 50 } as const;

/** What was found for a question, with what it was looked for by. */
export interface Found {
  readonly hits: readonly Hit[];
  /** Of the question; absent for a search by keyword. */
  readonly vector?: Float32Array;
  readonly embedMs: number;
  readonly searchMs: number;
  /** As it went to the store, and what the store turned away; where the request asks for an explanation. */
  readonly explained?: { readonly search: SearchQuery; readonly turnedAway: readonly TurnedAway[] };
}

export interface RetrievalParts {
  readonly embedder: Embedder;
  readonly analyzer: Analyzer;
  readonly reader: StoreReader;
  /** Milliseconds of one query, once the model is loaded. */
  readonly deadlineMs?: number;
}

/** Answers questions with passages: checks the bounds, analyses and embeds the question, searches the store. */
export function createRetriever(parts: RetrievalParts): Retriever {
  const within = createWithin(parts);
  return {
    query: (request, signal) =>
      within(request, signal, async (found, checked, inTimeSignal): Promise<QueryResult> => {
        const { hits, embedMs, searchMs, explained } = found;
        const started = performance.now();
        const explanation = explained && (await explain({ hits, ...explained, request: checked }, parts, inTimeSignal));
        const explainMs = explained === undefined ? 0 : performance.now() - started;
        return {
          results: hits.map(toPassage),
          tookMs: embedMs + searchMs + explainMs,
          embedMs,
          searchMs,
          ...(explanation && { explanation }),
        };
      }),
  };
}

/** The same with the hits themselves and the question's vector, for what goes on with them. */
export function createFinder(parts: RetrievalParts): (request: QueryRequest, signal?: AbortSignal) => Promise<Found> {
  const within = createWithin(parts);
  return (request, signal) => within(request, signal, async (found) => found);
}

/** Finds, and goes on with what was found, in one deadline. */
function createWithin(parts: RetrievalParts) {
  const { embedder, analyzer, reader, deadlineMs = queryDeadlineMs } = parts;
  // A person is waiting: one more try, soon, and no long back-off.
  const scheduler = createEmbeddingScheduler(embedder, { attempts: 2, maxMs: 500, maxRetryAfterMs: 1000 });

  async function find(request: CheckedQuery, signal: AbortSignal): Promise<Found> {
    const { query, k, mode, filter } = request;
    const started = performance.now();
    const terms = mode === "vector" ? undefined : await questionTerms(query, analyzer);
    // Before it costs a run of the model.
    if (terms !== undefined) validateTerms(terms);
    const vector =
      mode === "keyword"
        ? undefined
        : present((await scheduler.embed([asQuestion(embedder, query)], signal))[0], "the vector of the question");
    const unfamiliar = mode === "hybrid" ? await unfamiliarIn(query, parts, signal) : undefined;
    const embedded = performance.now();
    const search: SearchQuery = {
      mode,
      limit: k,
      ...(vector && { vector }),
      ...(terms && { terms }),
      ...(unfamiliar !== undefined && { unfamiliar }),
      ...(filter && { filter }),
    };
    const explaining = request.explain === true || request.why !== undefined;
    let turnedAway: readonly TurnedAway[] = [];
    const note = (met: readonly TurnedAway[]) => {
      turnedAway = met;
    };
    const hits = await reader.search(search, signal, explaining ? note : undefined);
    return {
      hits: soundHits(hits, { mode, limit: k }),
      ...(vector && { vector }),
      embedMs: embedded - started,
      searchMs: performance.now() - embedded,
      ...(explaining && { explained: { search, turnedAway } }),
    };
  }

  return async <Result>(
    request: QueryRequest,
    signal: AbortSignal | undefined,
    goOn: (found: Found, checked: CheckedQuery, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const checked = checkQuery(request);
    signal?.throwIfAborted();
    // Once for a process, and as long as it takes: no query is at fault.
    if (checked.mode !== "keyword") await embedder.load(signal);
    return await inTime(deadlineMs, signal, async (inTimeSignal) =>
      goOn(await find(checked, inTimeSignal), checked, inTimeSignal),
    );
  };
}

/** How little the model knows of the words that keyword search looks for, 0 to 1; undefined where nobody can tell. */
export async function unfamiliarIn(
  query: string,
  { embedder, analyzer }: { readonly embedder: Embedder; readonly analyzer: Analyzer },
  signal?: AbortSignal,
): Promise<number | undefined> {
  if (embedder.unfamiliar === undefined) return undefined;
  const telling: string[] = [];
  for (const word of query.match(WORD) ?? []) if ((await ownTermsOf(analyzer, word)).length > 0) telling.push(word);
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
  if (request.why !== undefined && (request.why.trim() === "" || request.why.length > filterLimits.uri)) {
    const text = `why is the URI of a document, of 1 to ${filterLimits.uri} characters.`;
    throw new IsthmusError("query_invalid", text, { field: "why" });
  }
  // A store finds nothing by it; whoever asks that meant something else.
  for (const [key, wanted] of Object.entries(filter?.metadata ?? {})) {
    if (!Array.isArray(wanted) || wanted.length > 0) continue;
    const text = `The list has 0 values; 1 to ${filterLimits.list} are allowed.`;
    throw new IsthmusError("query_invalid", text, { field: `filter.metadata.${key}` });
  }
  return { ...request, k, mode };
}

export function toPassage(hit: Hit): Passage {
  const { title, heading, start, end, version, ordinal, metadata } = hit;
  return {
    content: hit.content,
    source: { uri: citedUri(hit), title, heading, start, end, version, ordinal, metadata },
    score: hit.score,
  };
}

/** What a passage is cited by: its document, or its record in a file of many. */
export function citedUri({ uri, recordId }: { readonly uri: string; readonly recordId?: string }): string {
  return recordId === undefined ? uri : `${uri}#${encodeURIComponent(recordId)}`;
}
