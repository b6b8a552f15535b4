/** One value of document metadata. Records from CSV have strings only; JSONL keeps numbers and booleans. */
export type MetadataScalar = string | number | boolean;
/** A document may have several values of one key: its tags, its authors. */
export type MetadataValue = MetadataScalar | readonly MetadataScalar[];
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** The version of an object that was listed without being read: no index knows it, and no read is held to it. */
export const unreadVersion = "";

/** One source object at one version: what a listing yields and what a read is pinned to. */
export interface ObjectRef {
  /** Absolute: `file:///…` or `gs://bucket/name`. The identity of the document. */
  readonly uri: string;
  /** Changes when, and only when, the bytes change: a GCS generation, or the SHA-256 of a file in hex. */
  readonly version: string;
  /** Orders versions of one URI where the source itself does (a GCS generation). Without it the manifest counts. */
  readonly generation?: number;
  /** Bytes. */
  readonly size: number;
  /** As the source declares it, if it does. */
  readonly contentType?: string;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** Names the bytes themselves, where the source knows it unread: equal digests, equal contents, whatever the names. */
  readonly digest?: string;
}

/**
 * Where one version of a document stands among the others of its URI: first by generation (a GCS generation, or the
 * folder's counter), then by re-indexing under another pipeline fingerprint.
 */
export interface Order {
  readonly generation: number;
  readonly reindex: number;
}

/** What an attempt sets out to write: one version of one document. Two attempts at the same are two all the same. */
export interface Attempt {
  readonly uri: string;
  readonly order: Order;
  readonly version: string;
  /** The pipeline fingerprint the chunks were made under, over all parsers: their ids are made of it. */
  readonly fingerprint: string;
}

/** What the parser makes of one document, or of one record of a file that holds many. */
export interface ParsedDocument {
  readonly kind: "document";
  /** The record's id inside its file; absent when the file is one document. */
  readonly id?: string;
  readonly title: string;
  /** The parsed text. Offsets are UTF-16 code units into it. */
  readonly text: string;
  /** In order, not overlapping: `text.slice(start, end)` is the section. */
  readonly sections: readonly Section[];
  readonly metadata: Metadata;
}

export interface Section {
  /** The headings above the section, outermost first, joined by " > "; "" where there is none. */
  readonly heading: string;
  readonly start: number;
  readonly end: number;
}

/** A record or a part of a document that could not be used; the rest of its file goes on. */
export interface ParseFault {
  readonly kind: "fault";
  /** The record's id or row number; for a part of a document its place in plain words ("pages 3 and 7"), for all of it "". */
  readonly id: string;
  readonly code:
    | "record_invalid"
    | "record_too_large"
    | "content_encoding"
    | "content_lost"
    | "content_empty"
    /** A file inside this one that is of a kind that is not read: told, and counted as no fault. */
    | "content_skipped"
    /** Nothing is lost: where the reader chose among what the file draws, so that another program may read it otherwise. */
    | "content_note";
  readonly reason: string;
}

/** Whether it counts; the others are told beside the document alone. */
export function isLoss({ code }: { readonly code: string }): boolean {
  return code !== "content_skipped" && code !== "content_note";
}

export type Parsed = ParsedDocument | ParseFault;

/** A chunk before it is embedded. */
export interface Chunk {
  /** UUIDv5, see `chunkId`. */
  readonly id: string;
  /** Position among the chunks of its source document, from 0. */
  readonly ordinal: number;
  /** The record's id for files of many documents. */
  readonly recordId?: string;
  readonly title: string;
  readonly heading: string;
  /** Exactly `text.slice(start, end)` of the parsed text. */
  readonly content: string;
  readonly start: number;
  readonly end: number;
  readonly metadata: Metadata;
  /** SHA-256, hex, of the text that is embedded (title, heading and content). */
  readonly textHash: string;
}

/** A chunk as stores keep it. */
export interface StoredChunk extends Chunk {
  /** Unit length, `identity.dimensions` long. */
  readonly vector: Float32Array;
  /** Analysed terms of title, heading and content, space separated: the keyword index holds these. */
  readonly terms: string;
}

/** What a commit says of a document. */
export interface Commit extends Attempt {
  readonly state: "indexed" | "deleted";
  readonly title: string;
  readonly size: number;
  readonly contentType: string;
  /** Of the source object (`ObjectRef.digest`). */
  readonly digest?: string;
  /** Of the source object, ISO 8601. */
  readonly updatedAt: string;
  /** When it was committed, ISO 8601. */
  readonly committedAt: string;
  readonly chunks: number;
  /** Records in the file (1 for ordinary documents). */
  readonly records: number;
  /** Records of the file that could not be used: their number, and the first few with their reasons. */
  readonly faultCount: number;
  /** After those that count: notes (`content_note`), and files inside this one that were passed over (`content_skipped`). */
  readonly faults: readonly ParseFault[];
  /** The fingerprint of the one parser that read it, where no other had a part: it stands when another has a new version. */
  readonly ownFingerprint?: string;
  /** A tombstone that no bound of promise 4 counts: it was asked for, or its content is there under another name. */
  readonly excused?: true;
  /** The trace of the run that wrote it, 32 hex digits; absent where none was kept. */
  readonly traceId?: string;
}

/** A deletion that the bounds of promise 4 refused: set aside for a person, or for a reconciliation, to settle. */
export interface HeldDeletion {
  readonly uri: string;
  /** Of the row that was to go. The hold stands while that row is the current one. */
  readonly order: Order;
  /** ISO 8601. */
  readonly heldAt: string;
  /** Of the source that was asked for the object: where to look whether it is back. */
  readonly scope: string;
  /** How much would have gone, for a person. */
  readonly reason: string;
}

/** The committed state of a document: one immutable row for each commit. */
export interface DocumentRow extends Commit {
  /** The attempt that was committed: of all attempts ever, only its chunks are this row's. A tombstone's has none. */
  readonly attempt: string;
}

/** Who won: after a commit the current row is its own, or that of another which stands above it. */
export interface Committed {
  readonly row: DocumentRow;
  /** The row that stands above this one; absent where this one is current. */
  readonly supersededBy?: DocumentRow;
}

/** The last failed attempts at one version, kept apart from the committed rows; cleared by the next commit. */
export interface FailureRow {
  readonly uri: string;
  readonly version: string;
  readonly fingerprint: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  /** `failed` counts in the exit code; `skipped` (a picture in a folder of documents) does not. */
  readonly state: "failed" | "skipped";
  /** ISO 8601. */
  readonly at: string;
}

/** What is wrong with the chunks of a committed row. */
export type ChunkProblem =
  /** Fewer chunks than were committed; none at all where the row has some. */
  | "missing"
  /** More chunks than were committed, or two of one place. */
  | "duplicated"
  /** Chunks that name another document. */
  | "foreign"
  /** A vector that is absent, of another model's length, or no unit vector: searches miss the chunk or misjudge it. */
  | "vector"
  /** Chunks that are stored and that an index does not hold: no search by it finds them. */
  | "unindexed";

/** A committed row whose chunks are not what they should be. */
export interface Damage {
  readonly row: DocumentRow;
  readonly problems: readonly ChunkProblem[];
  /** Chunks that are there, each place counted once. */
  readonly found: number;
}

/** Chunks of an attempt that no committed row names: left by a writer that died, or being written just now. */
export interface Stray {
  readonly attempt: string;
  /** "" where the store does not keep it beside the chunk. */
  readonly uri: string;
  readonly chunks: number;
  /** When the newest of them came, by the store's clock: milliseconds since 1970. */
  readonly newestMs: number;
}

/** What a verification found, as it is kept in the index. */
export interface Verification {
  /** When it ended, ISO 8601. */
  readonly at: string;
  readonly documents: number;
  readonly chunks: number;
  /** Documents by what is wrong with them; one may count under several. */
  readonly damaged: number;
  readonly problems: Readonly<Record<ChunkProblem, number>>;
  /** Of writers that died: attempts, and their chunks. */
  readonly orphaned: { readonly attempts: number; readonly chunks: number };
  /** Attempts too young to be given up. */
  readonly inProgress: number;
  /** Whether what was found was mended. */
  readonly repaired: boolean;
}

/** What the manifest knows of one URI. */
export interface ManifestEntry {
  readonly uri: string;
  /** The greatest of the committed rows (core/order.ts). */
  readonly current?: DocumentRow;
  readonly failure?: FailureRow;
}

/**
 * The filter grammar, the same for every store. All given conditions must hold. A key of `metadata` matches when the
 * document's value, or one of its values, equals what is asked for, or one of a list. Values compare as text as it is written,
 * so `1` and `"1"` are the same, and so is `1.0`; `1.1` and `1.10` are two versions. Ranges work on keys declared in the
 * configuration only, and compare numbers or ISO dates (`from` and `to` inclusive).
 */
export interface Filter {
  /** Prefix of the document's URI. */
  readonly uri?: string;
  readonly metadata?: Readonly<Record<string, MetadataScalar | readonly MetadataScalar[]>>;
  readonly range?: Readonly<Record<string, { readonly from?: number | string; readonly to?: number | string }>>;
}

export type SearchMode = "hybrid" | "vector" | "keyword";

export interface SearchQuery {
  readonly mode: SearchMode;
  /** Wanted hits, 1 to 50 through the API; stores accept up to 1,000. */
  readonly limit: number;
  /** Needed for `vector` and `hybrid`. */
  readonly vector?: Float32Array;
  /**
   * Analysed terms; needed for `keyword` and `hybrid`. One that is named several times counts so many times. May be empty: then
   * keywords match nothing.
   */
  readonly terms?: readonly string[];
  /** How little the model knows of the question's words, 0 (default) to 1: what `hybrid` gives to keywords grows with it. */
  readonly unfamiliar?: number;
  readonly filter?: Filter;
}

/** Where a chunk stands in one ranking. */
export interface Standing {
  /** From 1. */
  readonly rank: number;
  /** Cosine in the ranking by vector, BM25 in the ranking by keyword. */
  readonly score: number;
}

/** Where a chunk stands in each ranking that was asked for; a ranking that does not hold it is absent. */
export interface Rankings {
  readonly vector?: Standing;
  readonly keyword?: Standing;
}

export interface Hit {
  readonly chunkId: string;
  readonly uri: string;
  readonly version: string;
  /** Position among the chunks of its file, from 0. */
  readonly ordinal: number;
  readonly recordId?: string;
  readonly title: string;
  readonly heading: string;
  readonly content: string;
  readonly start: number;
  readonly end: number;
  readonly metadata: Metadata;
  /** Higher is better. Cosine for `vector`, BM25 for `keyword`, 0 to 1 for `hybrid` (see core/fusion.ts). */
  readonly score: number;
  /** What the score was made of. */
  readonly rankings: Rankings;
}

export interface ModelIdentity {
  /** For example `sentence-transformers/all-MiniLM-L6-v2`. */
  readonly model: string;
  readonly dimensions: number;
  /** Names the exact weights: a digest for files, the configured name for a remote endpoint. */
  readonly revision: string;
}

/** A chunk of a document that is read as a whole. */
export type DocumentPassage = Omit<Chunk, "id" | "textHash">;

/** Passages of one version of a document, in order. */
export interface DocumentPassages {
  /** Of the version they are of, which is the current one. */
  readonly row: DocumentRow;
  readonly passages: readonly DocumentPassage[];
}

/** Chunks that a search met and did not count, since their document says otherwise. */
export interface TurnedAway {
  readonly uri: string;
  /** `uncommitted`: no version of it is current (yet); `deleted`; `superseded`: another version or attempt is the current one; `unsettled`: committed during the search. */
  readonly reason: "uncommitted" | "deleted" | "superseded" | "unsettled";
  readonly passages: number;
}
