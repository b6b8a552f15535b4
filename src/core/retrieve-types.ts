import type { Filter, Metadata, Rankings, SearchMode, TurnedAway } from "./types.ts";

/** A question as it comes in, already of the right types; `retrieve` checks its bounds. */
export interface QueryRequest {
  /** 1 to 2,000 characters. */
  readonly query: string;
  /** 1 to 50, default 3. */
  readonly k?: number;
  /** Default hybrid. */
  readonly mode?: SearchMode;
  readonly filter?: Filter;
  /** Tells what each hit's score is made of; costs some searches more. */
  readonly explain?: boolean;
  /** The URI of a document: why it is, or is not, among the results. Implies `explain`. */
  readonly why?: string;
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
  /** Position among the passages of its file, from 0: a document is opened there. */
  readonly ordinal: number;
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
  /** Where it was asked for. */
  readonly explanation?: Explanation;
}

/** What a word of the question added to a hit's keyword score. */
export interface WordWeight {
  readonly word: string;
  readonly weight: number;
}

/** What one hit's score is made of. */
export interface HitExplanation {
  readonly rankings: Rankings;
  /** Heaviest first; their weights add up to the keyword score. Absent for a search by vector. */
  readonly words?: readonly WordWeight[];
}

/** What became of a document that was asked about. */
export interface DocumentVerdict {
  readonly uri: string;
  readonly verdict:
    | "found"
    /** It has passages that match, and others match better. */
    | "outranked"
    /** None of its passages is among the best thousand. */
    | "far"
    /** A search by words, and it has none of them. */
    | "no_word"
    | "filtered"
    | "empty"
    | "unknown"
    | "deleted"
    | "failed"
    | "skipped";
  /** A sentence for people. */
  readonly reason: string;
  /** Its best passage, where one was found. */
  readonly best?: {
    /** Among all passages, from 1; absent where it is beyond the thousandth. */
    readonly rank?: number;
    readonly score: number;
    readonly rankings: Rankings;
    readonly heading: string;
    readonly ordinal: number;
  };
}

export interface Explanation {
  /** Of each result, in their order. */
  readonly hits: readonly HitExplanation[];
  /** The words of the question and what they are looked for as; a word that is passed over has no terms. Absent for a search by vector. */
  readonly words?: readonly { readonly word: string; readonly terms: readonly string[] }[];
  /** What each ranking weighs in a hybrid search, and how little the model knows of the question's words, 0 to 1. */
  readonly fusion?: { readonly vector: number; readonly keyword: number; readonly unfamiliar: number };
  /** What the searches met and the manifest turned away. */
  readonly turnedAway: readonly TurnedAway[];
  readonly document?: DocumentVerdict;
}

export interface Retriever {
  /** @throws `query_invalid` with `field`, `store_*`, `embedder_*`, `deadline_exceeded`. */
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult>;
}
