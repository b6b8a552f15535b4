import type { Draft, GenerationRequest, TokenPrice } from "./answer/types.ts";
import type { IsthmusError } from "./errors.ts";
import type {
  Attempt,
  Commit,
  Committed,
  Damage,
  DocumentPassages,
  DocumentRow,
  FailureRow,
  HeldDeletion,
  Hit,
  ManifestEntry,
  ModelIdentity,
  ObjectRef,
  Parsed,
  SearchQuery,
  StoredChunk,
  Stray,
  TurnedAway,
  Verification,
} from "./types.ts";

/** A part of a listing that could not be read. Nothing under `uri` may be taken for deleted. */
export interface ListingFault {
  readonly kind: "fault";
  readonly uri: string;
  readonly error: IsthmusError;
}

export interface ListedObject {
  readonly kind: "object";
  readonly ref: ObjectRef;
}

/** An object in scope that another shard answers for: it is there, which is all that its listing says. */
export interface ListedElsewhere {
  readonly kind: "elsewhere";
  readonly ref: ObjectRef;
}

/** Where documents come from. */
export interface Source {
  /** The URI of one object, or a prefix ending in "/": deletes never leave it. */
  readonly scope: string;
  /** For one shard of several: whether an object of the scope is this one's to answer for. Absent: all of them are. */
  owns?(uri: string): boolean;
  /** Every object in scope, in any order, streamed. Throws when the scope itself cannot be listed. */
  list(signal?: AbortSignal): AsyncIterable<ListedObject | ListedElsewhere | ListingFault>;
  /** The live object now, or undefined when it is gone. */
  head(uri: string, signal?: AbortSignal): Promise<ObjectRef | undefined>;
  /** The bytes of exactly `ref.version`; throws `source_changed` (at the latest after the last byte) otherwise. */
  read(ref: ObjectRef, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface ParseInput {
  readonly uri: string;
  /** As resolved by `ParserRegistry.select`. */
  readonly contentType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
  /** Told of each file inside this one that is of a kind that is not read, with its place: no fault, but not in the index. */
  readonly passedOver?: (place: string, reason: IsthmusError) => void;
  /** Told of each file inside this one before it is given to the parser of its kind, whatever that is. */
  readonly holdsFile?: () => void;
}

/** Turns bytes into text with sections. Throws `parse_*` and `content_*` errors for a document it cannot use. */
export interface Parser {
  /** Stable, part of the pipeline fingerprint together with `version`. */
  readonly name: string;
  /** Raised when the same bytes would give another text. */
  readonly version: number;
  /** A file holds many documents, is streamed, and has no size limit. */
  readonly records: boolean;
  parse(input: ParseInput): AsyncIterable<Parsed>;
}

export interface Selection {
  readonly parser: Parser;
  readonly contentType: string;
}

/** Chooses a parser by the declared type, the name and the first bytes. */
export interface ParserRegistry {
  /** Of a document that may hold files of any kind, and of what no parser was chosen for: all parsers and their versions. */
  readonly fingerprint: string;
  /**
   * Of a document that one parser read, and that holds no other file: by the parser's name, all that shapes its text. A parser
   * that is not named here reads files of any kind.
   */
  readonly fingerprints: ReadonlyMap<string, string>;
  /**
   * @param head the first bytes, up to 4,096, of the object.
   * @returns the parser, or `skip` for a foreign file that nobody promised to be text (a picture in the folder).
   * @throws `content_unsupported` for a broken promise (a binary named .txt).
   */
  select(ref: ObjectRef, head: Uint8Array): Selection | { readonly skip: IsthmusError };
}

/** Reads the text in pictures (OCR). Only by choice: it takes seconds a page. */
export interface TextRecognizer {
  /** What reads and in which languages: another one gives another text, so it enters the pipeline fingerprint. */
  readonly identity: string;
  /**
   * @param picture a whole file: PNG, JPEG, TIFF and their like.
   * @returns its text, line by line; "" where there is none.
   * @throws `config_invalid` for a program or a language that is missing, `parse_failed`, `parse_limit`, `cancelled`.
   */
  recognize(picture: Uint8Array, signal?: AbortSignal): Promise<string>;
}

/** Tokens of a text without special tokens, by the model's own tokenizer where it is known. */
export type TokenCounter = (text: string) => number;

export interface TextPrefixes {
  readonly question: string;
  readonly passage: string;
}

/**
 * Turns texts into unit vectors. A vector depends on its text alone. Who it is and what it takes are known at once; what
 * runs the model is loaded when the first text needs it.
 */
export interface Embedder {
  readonly identity: ModelIdentity;
  /** What the model was trained to see before a question and before a passage; whoever embeds puts it there. Absent: nothing. */
  readonly prefixes?: TextPrefixes;
  readonly limits: {
    /** Tokens of one text, special tokens counted. */
    readonly maxTokens: number;
    /** Texts in one `embed` call. */
    readonly maxBatch: number;
    /** `embed` calls worth having in flight. */
    readonly maxConcurrency: number;
  };
  /**
   * Loads what the first text would wait for: once for all callers, and again after a failure. `embed` does it by itself; a
   * server does it before its first query, ingestion before it cuts its first document.
   */
  load(signal?: AbortSignal): Promise<TokenCounter>;
  /**
   * How little the model knows of these words, 0 (each is one token of its own vocabulary) to 1: the share of their tokens that
   * are pieces of words. A vector says little of a word that was spelled letter by letter. Absent where the model's own tokenizer
   * is not at hand.
   */
  unfamiliar?(words: readonly string[], signal?: AbortSignal): Promise<number>;
  /** In order, one vector for each text. Texts over the limit are truncated. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Lexical analysis, done once for every store, so that keyword search ranks alike on all of them. */
export interface Analyzer {
  /** Enters the pipeline fingerprint. */
  readonly name: string;
  readonly version: number;
  /** Of a question, and of a document where `documentTerms` is absent. What a language needs is loaded with its first text. */
  terms(text: string): Promise<string[]>;
  /** Of a text, without what is guessed of its language: a question's words in an answer, or whether a word counts at all. Absent: `terms`. */
  ownTerms?(text: string): Promise<string[]>;
  /** Of a document: what its language alone can tell is in them besides. */
  documentTerms?(text: string): Promise<string[]>;
}

/** The manifest: which version of which document is current. */
export interface Manifest {
  /** Entries for the given URIs, in their order; an unknown URI gives an entry with the URI alone. At most 1,000. */
  entries(uris: readonly string[], signal?: AbortSignal): Promise<ManifestEntry[]>;
  /** A page of entries under the prefix, ascending by URI, after `after`, deleted ones left out (a failed one that never was indexed is in). */
  page(prefix: string, after: string | undefined, limit: number, signal?: AbortSignal): Promise<ManifestEntry[]>;
  /** Counts under the prefix: documents indexed, their chunks, failed and skipped URIs. */
  count(prefix: string, signal?: AbortSignal): Promise<ManifestCounts>;
}

export interface ManifestCounts {
  readonly documents: number;
  readonly chunks: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * One attempt to write one version of one document, alone with its chunks: nobody else adds to them, shows them or takes
 * them away. It ends by `commit` or `abandon`; what an attempt leaves that ends by neither is swept by age.
 */
export interface OpenAttempt {
  /** Of this attempt alone, whatever else sets out to write the same version. */
  readonly id: string;
  /** Adds chunks, unseen until the commit. The same chunk again changes nothing. */
  put(chunks: readonly StoredChunk[]): Promise<void>;
  /**
   * Makes the attempt current if no other row stands above it, clears the URI's failure if so, and removes what this
   * leaves behind: the chunks of rows below it, or its own.
   *
   * @param commit says how many chunks were put, or `internal`.
   */
  commit(commit: Commit): Promise<Committed>;
  /** Takes its chunks back. Once a commit was tried it may have happened: then nothing is done. */
  abandon(): Promise<void>;
}

/** Deletions that were refused and set aside. */
export interface Holds {
  /** Those under the prefix that stand, ascending by URI: a hold stands while the row it names is the current one. */
  held(prefix: string, signal?: AbortSignal): AsyncIterable<HeldDeletion>;
}

export interface StoreWriter extends Manifest, Holds {
  readonly limits?: {
    /** Documents worth having in flight, where the store is far away; the pipeline's own choice is not lowered. */
    readonly documentsInFlight: number;
  };
  /** Begins an attempt; asks nothing of the store. With the signal, all that waits for the store ends at once. */
  begin(attempt: Attempt, signal?: AbortSignal): OpenAttempt;
  /** Commits tombstones, as `OpenAttempt.commit` does, for many documents in few requests. At most 1,000, of distinct URIs. */
  remove(tombstones: readonly Commit[], signal?: AbortSignal): Promise<Committed[]>;
  /** Records a failed attempt; the committed rows stand. */
  recordFailure(failure: FailureRow, signal?: AbortSignal): Promise<void>;
  /** Forgets recorded failures (the objects are gone from the source, or can be read again). At most 1,000. */
  clearFailures(uris: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Sets deletions aside; the documents stay. One of the same URI takes the place of an earlier. At most 1,000, of distinct URIs. */
  hold(deletions: readonly HeldDeletion[], signal?: AbortSignal): Promise<void>;
  /** Forgets what is held of these URIs; the documents stay. At most 1,000. */
  release(uris: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Documents under the prefix that whichever writer removed within so many milliseconds, by the store's own clock, those excused left out. */
  removedLately(prefix: string, withinMs: number, signal?: AbortSignal): Promise<number>;
  /** Vectors already in the index for these text hashes, under this store's model. */
  vectors(textHashes: readonly string[], signal?: AbortSignal): Promise<Map<string, Float32Array>>;
  close(): Promise<void>;
}

export interface StoreReader extends Manifest, Holds {
  /**
   * Best first. Shows committed, current chunks only.
   *
   * @param onTurnedAway told once, at the end, of what was met and does not count; not at all where searches meet nothing of the kind.
   */
  search(
    query: SearchQuery,
    signal?: AbortSignal,
    onTurnedAway?: (turnedAway: readonly TurnedAway[]) => void,
  ): Promise<Hit[]>;
  /**
   * How much each term adds to the keyword score (BM25) of each hit: a row for each hit, in it a number for each term, 0 where the
   * chunk has it not. At most 1,000 hits and 256 terms.
   */
  termWeights(
    terms: readonly string[],
    hits: readonly Pick<Hit, "chunkId" | "uri">[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly number[])[]>;
  /**
   * The passages of a document's current version from the ordinal `from` on, at most `limit` (1 to 1,000), all of one version.
   * @returns undefined where none is current.
   */
  passages(uri: string, from: number, limit: number, signal?: AbortSignal): Promise<DocumentPassages | undefined>;
  /** Rejects with the error that a search would meet now (`store_unavailable`, `store_missing`, …). */
  check(signal?: AbortSignal): Promise<void>;
  /** What the last verification of the index found, if there was one. */
  verified(signal?: AbortSignal): Promise<Verification | undefined>;
  close(): Promise<void>;
}

/**
 * A look at all that a store holds, past what its searches show, and the mending of it. Writers may be at work meanwhile:
 * what they commit is looked at again before anything is called wrong.
 */
export interface StoreAudit extends Manifest {
  /** Rows whose chunks are not as they were committed. At most 500 rows. */
  inspect(rows: readonly DocumentRow[], signal?: AbortSignal): Promise<Damage[]>;
  /** Chunks of attempts that no committed row names, a page at a time; one attempt may be told in several pages. */
  strays(signal?: AbortSignal): AsyncIterable<readonly Stray[]>;
  /** Now, by the clock that stamps the chunks. */
  now(): number;
  /** A stray that got its last chunk this long ago is dead, milliseconds. */
  readonly leaseMs: number;
  /** Takes rows and their chunks away, so that the next run writes the documents again. For an audit that may repair. */
  forget(rows: readonly DocumentRow[], signal?: AbortSignal): Promise<void>;
  /** Gives attempts up for dead and removes their chunks; one that was committed meanwhile stays. @returns how many went. */
  sweep(strays: readonly Stray[], signal?: AbortSignal): Promise<number>;
  record(verification: Verification, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A place for vectors. Both ways in refuse another model than the collection records (`store_mismatch`). */
export interface Store {
  readonly name: string;
  /** Creates or migrates the schema. `store_locked` while another writer lives. */
  openWriter(identity: ModelIdentity, signal?: AbortSignal): Promise<StoreWriter>;
  /** Never creates anything: `store_missing` where nothing was written yet. */
  openReader(identity: ModelIdentity, signal?: AbortSignal): Promise<StoreReader>;
  /** @param mode `repair` may change the index, and is a writer (`store_locked`); `look` changes nothing but its own record. */
  openAudit(identity: ModelIdentity, mode: "look" | "repair", signal?: AbortSignal): Promise<StoreAudit>;
}

/**
 * Writes an answer from passages. It is not trusted: core lets nothing out that it has not verified, so a generator only has to be
 * honest about failures.
 */
export interface Generator {
  /** `extractive`, or the model's name as its provider knows it: shown beside the answer. */
  readonly name: string;
  readonly limits: {
    /** Passages it is given; absent: those that core reads for evidence. */
    readonly maxPassages?: number;
    /** Tokens of all passages together, as `TokenCounter` counts them. */
    readonly maxPassageTokens: number;
    /** Tokens of one answer. */
    readonly maxOutputTokens: number;
    /** `generate` calls worth having in flight. */
    readonly maxConcurrency: number;
  };
  /** Absent where a call costs nothing, or where nobody knows. */
  readonly price?: TokenPrice;
  /**
   * The answer, piece by piece, as it is written. Nothing happens before the first piece is asked for. Ending the iteration, or the
   * signal, stops what writes. It is not tried again inside: core does that.
   *
   * @throws `generator_unavailable` (with Retry-After where the provider gave one), `generator_misconfigured` (key, address, model),
   *   `generator_rejected` (the provider refuses this request), the signal's reason.
   */
  generate(request: GenerationRequest, signal?: AbortSignal): AsyncIterable<Draft>;
  close(): Promise<void>;
}

/**
 * Says that something happened to an object, or may have: what is there now decides. Ends by `done` or `again`; what a program
 * leaves that is ended by neither is told to the next one, where the place can remember it (a queue).
 */
export interface Change {
  readonly kind: "change";
  readonly uri: string;
  /** The whole object as it was written, where the change carries it: then it need not be looked at first. */
  readonly ref?: ObjectRef;
  /** Whether the same version is written again where the index has it by another pipeline, or having it is enough. */
  readonly reindex: boolean;
  /** How often this one was told, from 1. */
  readonly delivery: number;
  /** When it happened, ISO 8601. */
  readonly at: string;
  /** The index says what is there now, or says why it cannot: it is not told again. */
  done(): void;
  /** It may go better later: it is told again, after a while that grows with `delivery`, until the place gives it up. */
  again(): void;
}

/** Changes may have been missed: only a look at the whole place tells. */
export interface Rescan {
  readonly kind: "rescan";
  /** A sentence for people. */
  readonly reason: string;
  done(): void;
  again(): void;
}

/** Where changes are told: a folder's watcher, or a queue. In any order, and any of them more than once. */
export interface Changes {
  readonly limits: {
    /** Changes that are told and not ended: no further one is told until one of them is. */
    readonly unsettled: number;
  };
  /**
   * Changes as they come, to one listener. Ends when the signal fires or the place is closed; a place that is away is waited for.
   *
   * @throws what waiting does not mend (`config_invalid`, `source_unreadable`, `source_not_found`).
   */
  listen(signal: AbortSignal): AsyncIterable<Change | Rescan>;
  /** Resolves when the place knows of all that was ended. What is not ended is given back. */
  close(): Promise<void>;
}

/** A listing kept outside the heap for the length of one run, so that memory stays flat whatever the bucket's size. */
export interface ListingSpill {
  add(refs: readonly ObjectRef[]): void;
  /** Notes objects of other shards: not paged, but present. */
  addElsewhere(refs: readonly ObjectRef[]): void;
  /** Ascending by URI, after `after`. */
  page(after: string | undefined, limit: number): ObjectRef[];
  /** Which of these URIs the listing holds. */
  present(uris: readonly string[]): Set<string>;
  /** Which of these digests of contents (`ObjectRef.digest`) the listing holds, under whatever name. */
  contents(digests: readonly string[]): Set<string>;
  /** Takes an object out that turned out to be gone. */
  remove(uri: string): void;
  /** Notes a place that could not be listed: a URI, or a prefix ending in "/". */
  hide(place: string): void;
  /** Which of these URIs lie in such a place; a place "x/" hides "x" too, for it may have been a file. */
  hidden(uris: readonly string[]): Set<string>;
  readonly count: number;
  readonly bytes: number;
  close(): void;
}
