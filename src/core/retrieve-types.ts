import type { Filter, Metadata, SearchMode } from "./types.ts";

/** A question as it comes in, already of the right types; `retrieve` checks its bounds. */
export interface QueryRequest {
  /** 1 to 2,000 characters. */
  readonly query: string;
  /** 1 to 50, default 3. */
  readonly k?: number;
  /** Default hybrid. */
  readonly mode?: SearchMode;
  readonly filter?: Filter;
}

export interface PassageSource {
  /** `file:///…` or `gs://…`; for a record of a larger file, with `#id`. */
  readonly uri: string;
  readonly title: string;
  readonly heading: string;
  /** UTF-16 offsets of the passage in the parsed text of the document. */
  readonly start: number;
  readonly end: number;
  readonly version: string;
  readonly metadata: Metadata;
}

export interface Passage {
  readonly content: string;
  readonly source: PassageSource;
  readonly score: number;
}

export interface QueryResult {
  readonly results: readonly Passage[];
  /** Milliseconds, with its parts. */
  readonly tookMs: number;
  readonly embedMs: number;
  readonly searchMs: number;
}

export interface Retriever {
  /** @throws `query_invalid` with `field`, `store_*`, `embedder_*`, `deadline_exceeded`. */
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult>;
}
