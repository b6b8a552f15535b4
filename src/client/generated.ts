// Made by `npm run client` from /openapi.json. Do not edit: change the schemas, and run it again.

/** Of one call, beside what it asks for. */
export interface CallOptions {
  /** Ends the call, and in a stream the server's work. */
  readonly signal?: AbortSignal | undefined;
  /** In place of the client's own. */
  readonly timeoutMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** How one operation is called. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Names that go into the query. */
  readonly query?: readonly string[];
  /** The content type of what is sent. */
  readonly content?: string;
  /** Of a stream: its last event, or "" for a stream without an end. */
  readonly last?: string;
}

export const operations: Readonly<Record<keyof Client, Operation>> = {
  query: {"method":"POST","path":"/query","content":"application/json"},
  answer: {"method":"POST","path":"/answer","content":"application/json"},
  answerStream: {"method":"POST","path":"/answer","content":"application/json","last":"done"},
  documents: {"method":"GET","path":"/documents","query":["prefix","after","limit"]},
  addDocument: {"method":"POST","path":"/documents","query":["name","replace"],"content":"application/octet-stream"},
  document: {"method":"GET","path":"/document","query":["uri","from","limit"]},
  deleteDocument: {"method":"DELETE","path":"/document","query":["uri"]},
  health: {"method":"GET","path":"/healthz"},
  ready: {"method":"GET","path":"/readyz"},
  openapi: {"method":"GET","path":"/openapi.json"},
  searchVectorStore: {"method":"POST","path":"/v1/vector_stores/{id}/search","content":"application/json"},
  events: {"method":"GET","path":"/events","last":""},
  retryDocument: {"method":"POST","path":"/document/retry","query":["uri"]},
  doctor: {"method":"GET","path":"/doctor"},
};

/** A method for each operation. */
export interface Client {
  /** Find passages */
  query(input: QueryRequest, options?: CallOptions): Promise<QueryResponse>;
  /** Answer a question */
  answer(input: AnswerRequest, options?: CallOptions): Promise<AnswerResponse>;
  /** Answer a question, as it comes */
  answerStream(input: AnswerRequest, options?: CallOptions): AsyncGenerator<{ readonly event: "passages"; readonly data: AnswerPassages } | { readonly event: "sentence"; readonly data: AnswerSentence } | { readonly event: "done"; readonly data: AnswerDone }, void, undefined>;
  /** List what is in the index */
  documents(input?: { readonly prefix?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined }, options?: CallOptions): Promise<DocumentsResponse>;
  /** Add a file */
  addDocument(input: { readonly name: string; readonly replace?: "true" | "false" | undefined; readonly content: Blob | Uint8Array<ArrayBuffer> | string }, options?: CallOptions): Promise<AcceptedDocument>;
  /** Read one document out of the index */
  document(input: { readonly uri: string; readonly from?: number | undefined; readonly limit?: number | undefined }, options?: CallOptions): Promise<DocumentResponse>;
  /** Take a document out of the index */
  deleteDocument(input: { readonly uri: string }, options?: CallOptions): Promise<RemovedDocument>;
  /** Is the process up? */
  health(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<Health>;
  /** Would a search be answered now? */
  ready(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<Ready>;
  /** This document */
  openapi(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<Readonly<Record<string, unknown>>>;
  /** Find passages, in the shape of OpenAI's clients */
  searchVectorStore(input: { readonly id: "default" } & VectorStoreSearchRequest, options?: CallOptions): Promise<VectorStoreSearchResponse>;
  /** Follow what the server is at work on, as it comes */
  events(input?: Readonly<Record<string, never>>, options?: CallOptions): AsyncGenerator<{ readonly event: "state"; readonly data: Activity }, void, undefined>;
  /** Read a document again */
  retryDocument(input: { readonly uri: string }, options?: CallOptions): Promise<AcceptedDocument>;
  /** What is well here, and what is not */
  doctor(input?: Readonly<Record<string, never>>, options?: CallOptions): Promise<Doctor>;
}

/** Codes of the server's problems; there may be more of them one day. */
export type ProblemCode =
  | "bad_request"
  | "invalid_json"
  | "query_invalid"
  | "unauthenticated"
  | "forbidden"
  | "index_read_only"
  | "host_not_allowed"
  | "origin_not_allowed"
  | "not_found"
  | "document_not_found"
  | "method_not_allowed"
  | "request_timeout"
  | "document_exists"
  | "index_locked"
  | "body_too_large"
  | "unsupported_media_type"
  | "generator_quota"
  | "too_many_requests"
  | "headers_too_large"
  | "cancelled"
  | "internal"
  | "not_initialised"
  | "generator_misconfigured"
  | "generator_rejected"
  | "store_unavailable"
  | "embedder_unavailable"
  | "generator_unavailable"
  | "not_ready"
  | "storage_full"
  | "deadline_exceeded"
  | (string & {});

export type AcceptedDocument = {
  /** Of the document. What becomes of it: GET /document, or GET /events. */
  readonly uri: string;
  readonly trace_id: string;
};

export type Activity = {
  /** What runs now; empty while nothing does. */
  readonly tasks: readonly {
    readonly id: number;
    /** `scan`: of the places at the start; `watch`: of changes in a watched place; `request`: what was asked for over HTTP; `elsewhere`: of another process with the same data folder and index. */
    readonly kind: "scan" | "watch" | "request" | "elsewhere";
    /** Documents are still being listed: `total` grows. */
    readonly listing: boolean;
    readonly done: number;
    readonly total: number;
    readonly failed: number;
    readonly documents_per_second: number;
    /** Milliseconds that the rest will take, once that can be told. */
    readonly left_ms?: number | undefined;
  }[];
  /** The last 20 documents that something became of, newest first. */
  readonly recent: readonly {
    readonly uri: string;
    readonly outcome: "added" | "changed" | "removed" | "failed" | "skipped" | "empty";
    readonly at: string;
    readonly reason?: string | undefined;
  }[];
  /** Counts them: as long as it stays the same, so does the list of documents. */
  readonly changes: number;
};

export type AnswerDone = {
  readonly abstained: boolean;
  /** Why it abstained. */
  readonly reason?: "nothing_found" | "not_answerable" | "nothing_verified" | undefined;
  /** How likely the passages answer the question, 0 to 1. */
  readonly answerability: number;
  readonly generator: string;
  /** A language model is set, but the documents speak themselves (`generator` is `extractive`), or its answer is cut short. */
  readonly degraded: boolean;
  /** A code, such as `generator_unavailable`. */
  readonly degraded_reason?: string | undefined;
  /** Sentences that were left out, by reason. */
  readonly dropped: AnswerDropped;
  readonly usage: AnswerUsage;
  readonly took_ms: number;
  readonly trace_id: string;
};

export type AnswerDropped = {
  readonly unquoted: number;
  readonly unsupported: number;
  readonly garbled: number;
  readonly surplus: number;
};

export type AnswerPassages = {
  /** What was read, best first; the nearest when it abstained. */
  readonly passages: readonly Passage[];
  readonly index?: Indexing | undefined;
  readonly trace_id: string;
};

export type AnswerRequest = {
  /** In words, as a person asks. Its length is counted in UTF-16 code units. */
  readonly question: string;
  readonly filter?: Filter | undefined;
};

export type AnswerResponse = {
  /** The sentences in one; empty when it abstained. */
  readonly answer: string;
  readonly sentences: readonly {
    readonly text: string;
    /** `quoted`: the sentence itself stands in the document. `supported`: its quotes do, and carry its numbers and negations. */
    readonly basis: "quoted" | "supported";
    /** Places in `citations`, from 0. */
    readonly citations: readonly number[];
  }[];
  readonly citations: readonly Citation[];
  readonly abstained: boolean;
  /** Why it abstained. */
  readonly reason?: "nothing_found" | "not_answerable" | "nothing_verified" | undefined;
  /** How likely the passages answer the question, 0 to 1. */
  readonly answerability: number;
  readonly generator: string;
  /** A language model is set, but the documents speak themselves (`generator` is `extractive`), or its answer is cut short. */
  readonly degraded: boolean;
  /** A code, such as `generator_unavailable`. */
  readonly degraded_reason?: string | undefined;
  /** Sentences that were left out, by reason. */
  readonly dropped: AnswerDropped;
  readonly usage: AnswerUsage;
  /** What was read, best first; the nearest when it abstained. */
  readonly passages: readonly Passage[];
  readonly index?: Indexing | undefined;
  readonly took_ms: number;
  readonly trace_id: string;
};

export type AnswerSentence = {
  readonly text: string;
  /** `quoted`: the sentence itself stands in the document. `supported`: its quotes do, and carry its numbers and negations. */
  readonly basis: "quoted" | "supported";
  readonly citations: readonly Citation[];
};

export type AnswerUsage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** The provider did not tell; four characters count as a token. */
  readonly estimated?: boolean | undefined;
  /** Where the model's price is known. */
  readonly dollars?: number | undefined;
};

export type AttributeFilter = ComparisonFilter | CompoundFilter;

export type Citation = {
  /** Word for word as the document has it. */
  readonly quote: string;
  /** Of `passages`, from 1. */
  readonly passage: number;
  /** `start` and `end` are those of the quote. */
  readonly source: Source;
};

/** `eq` and `in` compare as text; `gt`, `gte`, `lt` and `lte` compare numbers or ISO dates, on keys declared in `ISTHMUS_RANGE_KEYS`. `ne` and `nin` are refused. */
export type ComparisonFilter = {
  readonly type: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "nin";
  /** Of the documents' metadata. */
  readonly key: string;
  readonly value: string | number | boolean | readonly (string | number | boolean)[];
};

/** `and` of anything; `or` of `eq` and `in` on one key. */
export type CompoundFilter = {
  readonly type: "and" | "or";
  readonly filters: readonly AttributeFilter[];
};

export type Doctor = {
  /** Nothing is an error. */
  readonly healthy: boolean;
  readonly findings: readonly {
    readonly check: string;
    readonly level: "ok" | "warning" | "error";
    readonly found: string;
    readonly advice?: string | undefined;
  }[];
  readonly trace_id: string;
};

export type Document = {
  readonly uri: string;
  readonly title: string;
  /** Of the last attempt. A failed document may still be found by an older version, see `version`. */
  readonly state: "indexed" | "failed" | "skipped";
  /** The version that searches find; null where none is. */
  readonly version: string | null;
  /** Bytes of that version. */
  readonly size: number | null;
  readonly content_type: string | null;
  /** Of that version: the bucket's own number; for a file, how many versions of it the index has seen. */
  readonly generation?: number | undefined;
  /** How often that version was indexed anew, for other readers or another model. */
  readonly reindexed?: number | undefined;
  /** Of the source object, ISO 8601. */
  readonly updated_at: string | null;
  /** When that version came into the index, ISO 8601. */
  readonly indexed_at: string | null;
  /** Passages that searches can find. */
  readonly chunks: number;
  /** Records in the file; 1 for ordinary documents. */
  readonly records: number;
  /** Records of the file that could not be used, and the first few by name; after these, uncounted, notes of how it was read (code content_note) and files inside it that are of no kind that is read (code content_skipped). */
  readonly faults: {
    readonly count: number;
    readonly first: readonly {
      readonly id: string;
      readonly code: string;
      readonly reason: string;
    }[];
  };
  /** Of the trace that brought this version into the index; absent where none was kept. */
  readonly ingest_trace_id?: string | undefined;
  /** Why the last attempt did not succeed, and at which version. */
  readonly error?: {
    readonly code: string;
    readonly reason: string;
    readonly version: string;
    readonly attempts: number;
    readonly at: string;
  } | undefined;
};

export type DocumentResponse = {
  readonly document: Document;
  /** In order. One for an ordinary document, one for each record of a file of many. */
  readonly parts: readonly {
    /** What it is cited by; with `#id` for a record of a file of many. */
    readonly uri: string;
    readonly title: string;
    readonly metadata: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;
    /** Of `text` in the parsed text of the document, in UTF-16 code units. */
    readonly start: number;
    readonly end: number;
    /** Joined from the passages: `text.slice(passage.start - start, passage.end - start)` is one of them. */
    readonly text: string;
    readonly passages: readonly {
      readonly ordinal: number;
      readonly heading: string;
      readonly start: number;
      readonly end: number;
    }[];
  }[];
  /** Pass it as `from` for the next page; absent on the last. */
  readonly next?: number | undefined;
  readonly trace_id: string;
};

export type DocumentsResponse = {
  readonly documents: readonly Document[];
  /** Pass it as `after` for the next page; absent on the last. */
  readonly next?: string | undefined;
  /** The caller may add documents here, have them read again, and delete them. */
  readonly may_write?: true | undefined;
  readonly trace_id: string;
};

/** Conditions that a passage's document must meet; all of them. */
export type Filter = {
  /** Prefix of the document's URI. */
  readonly uri?: string | undefined;
  /** Values that must be equal to the document's, or to one of its list; compared as text. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>> | undefined;
  /** Bounds, both inclusive, on metadata keys declared in `ISTHMUS_RANGE_KEYS`. */
  readonly range?: Readonly<Record<string, {
    readonly from?: number | string | undefined;
    readonly to?: number | string | undefined;
  }>> | undefined;
};

export type Health = {
  readonly status: "ok";
  readonly version: string;
};

/** Only while this server's own scan of its places runs: what is not through yet cannot be found. */
export type Indexing = {
  readonly state: "indexing";
  /** Documents are still being listed: `total` grows. */
  readonly listing: boolean;
  /** Documents that are through, whatever became of them. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly documents_per_second: number;
  /** Milliseconds that the rest will take, once that can be told. */
  readonly left_ms?: number | undefined;
};

export type OpenAiProblem = {
  readonly type: string;
  /** The same for every problem of this code. */
  readonly title: string;
  readonly status: number;
  /** The same sentence as `error`. */
  readonly detail: string;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
  /** Stable; programs decide by it. */
  readonly code: string;
  /** The input field at fault, where there is one. */
  readonly field?: string | undefined;
  readonly trace_id: string;
};

export type Passage = {
  /** The passage, word for word. */
  readonly content: string;
  readonly source: Source;
  /** Higher is better. Comparable within one answer, not between modes. */
  readonly score: number;
};

export type Problem = {
  readonly type: string;
  /** The same for every problem of this code. */
  readonly title: string;
  readonly status: number;
  /** The same sentence as `error`. */
  readonly detail: string;
  /** One sentence: what failed and what to do next. */
  readonly error: string;
  /** Stable; programs decide by it. */
  readonly code: string;
  /** The input field at fault, where there is one. */
  readonly field?: string | undefined;
  readonly trace_id: string;
};

export type QueryRequest = {
  /** What to look for, in words or as a question. Its length is counted in UTF-16 code units. */
  readonly query: string;
  /** Passages wanted. */
  readonly k?: number | undefined;
  /** By meaning and words together, by meaning alone, or by words alone. */
  readonly mode?: "hybrid" | "vector" | "keyword" | undefined;
  readonly filter?: Filter | undefined;
  /** Tell what the score of each result is made of. Costs some searches more. */
  readonly explain?: boolean | undefined;
  /** The URI of a document: why it is, or is not, among the results. Implies `explain`. */
  readonly why?: string | undefined;
};

export type QueryResponse = {
  /** Best first; empty when nothing was found. */
  readonly results: readonly Passage[];
  /** Where `explain` or `why` asked for it. */
  readonly explanation?: {
    /** For each of `results`, in their order. */
    readonly results: readonly {
      /** Rank, from 1, and score by vector (cosine) and by keyword (BM25); one that does not hold it is absent. */
      readonly rankings: {
        readonly vector?: {
          readonly rank: number;
          readonly score: number;
        } | undefined;
        readonly keyword?: {
          readonly rank: number;
          readonly score: number;
        } | undefined;
      };
      /** What each word of the query adds to the keyword score, heaviest first. */
      readonly words?: readonly {
        readonly word: string;
        readonly weight: number;
      }[] | undefined;
    }[];
    /** The words of the query and what they are looked for as; one that is passed over has no terms. */
    readonly words?: readonly {
      readonly word: string;
      readonly terms: readonly string[];
    }[] | undefined;
    /** What each ranking weighs, and how little the model knows of the words, 0 to 1. */
    readonly fusion?: {
      readonly vector: number;
      readonly keyword: number;
      readonly unfamiliar: number;
    } | undefined;
    /** What the search met and the manifest did not let through. */
    readonly turned_away: readonly {
      readonly uri: string;
      readonly reason: "uncommitted" | "deleted" | "superseded" | "unsettled";
      readonly passages: number;
    }[];
    /** What became of the document that `why` names. */
    readonly document?: {
      readonly uri: string;
      readonly verdict: "found" | "outranked" | "far" | "no_word" | "filtered" | "empty" | "unknown" | "deleted" | "failed" | "skipped";
      /** A sentence. */
      readonly reason: string;
      /** Its best passage; without a rank where it is not among the best 1,000. */
      readonly best?: {
        readonly rank?: number | undefined;
        readonly score: number;
        /** Rank, from 1, and score by vector (cosine) and by keyword (BM25); one that does not hold it is absent. */
        readonly rankings: {
          readonly vector?: {
            readonly rank: number;
            readonly score: number;
          } | undefined;
          readonly keyword?: {
            readonly rank: number;
            readonly score: number;
          } | undefined;
        };
        readonly heading: string;
        readonly ordinal: number;
      } | undefined;
    } | undefined;
  } | undefined;
  readonly index?: Indexing | undefined;
  /** Milliseconds spent on embedding and searching. */
  readonly took_ms: number;
  /** Names this request in the server's log and traces. */
  readonly trace_id: string;
};

export type Ready = {
  readonly ready: true;
  readonly model: {
    readonly model: string;
    readonly dimensions: number;
    readonly revision: string;
  };
};

export type RemovedDocument = {
  readonly uri: string;
  /** `removed`: it was added over this API, and its file is gone too. `kept`: its file lies where it lay, and the next scan of its place brings the document back. */
  readonly file: "removed" | "kept";
  readonly trace_id: string;
};

export type Source = {
  /** Of the document; with `#id` for a record of a larger file. */
  readonly uri: string;
  readonly title: string;
  /** The headings above the passage, joined by " > "; may be empty. */
  readonly heading: string;
  /** Offset of the passage in the parsed text, in UTF-16 code units. */
  readonly start: number;
  /** Offset of its end. */
  readonly end: number;
  /** Of the document, as its source names it. */
  readonly version: string;
  /** Position among the passages of its file, from 0: `GET /document` opens there. */
  readonly ordinal: number;
  readonly metadata: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;
};

export type VectorStoreSearchRequest = {
  /** In words, or as a question, 1 to 2,000 characters; or up to 8 of them, whose results are joined. */
  readonly query: string | readonly string[];
  readonly filters?: AttributeFilter | undefined;
  readonly max_num_results?: number | undefined;
  readonly ranking_options?: {
    /** Accepted, and without effect: there is one ranking. */
    readonly ranker?: string | undefined;
    /** Results below it are left out. Scores are shares of the best in each ranking. */
    readonly score_threshold?: number | undefined;
  } | undefined;
  /** Accepted, and without effect: `search_query` shows what was searched for. */
  readonly rewrite_query?: boolean | undefined;
};

export type VectorStoreSearchResponse = {
  readonly object: "vector_store.search_results.page";
  /** As it was searched for. */
  readonly search_query: readonly string[];
  /** Best first; empty when nothing was found. */
  readonly data: readonly {
    /** The document's URI; with `#id` for a record of a larger file. */
    readonly file_id: string;
    readonly filename: string;
    /** 0 to 1; higher is better. */
    readonly score: number;
    /** The document's metadata; lists as one text, joined by commas. */
    readonly attributes: Readonly<Record<string, string | number | boolean>>;
    readonly content: readonly {
      readonly type: "text";
      readonly text: string;
    }[];
    /** Not OpenAI's: the exact place, as in `QueryResponse`. */
    readonly source: Source;
  }[];
  readonly has_more: false;
  readonly next_page: null;
};
