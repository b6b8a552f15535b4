import type { IsthmusError } from "./errors.ts";

/**
 * What one run did, per document. `faults` counts the losses that are told: bad records and parts inside documents
 * that were indexed all the same, and documents that should have held some text.
 */
export interface IngestSummary {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Indexed, but without any text to find. */
  readonly empty: number;
  readonly faults: number;
  /** Files inside others (archives, messages) of a kind that is not read; of documents that were read in this run. */
  readonly passedOver: number;
  /** Chunks written, and how many of them needed an embedding. */
  readonly chunks: number;
  readonly embedded: number;
  readonly tookMs: number;
  /** The run was stopped by its signal before it was through; running it again goes on from here. */
  readonly interrupted: boolean;
}

export type Outcome = "added" | "changed" | "unchanged" | "removed" | "failed" | "skipped" | "empty";

/** Told as the run goes on, for progress lines and logs. */
export type IngestEvent =
  | { readonly kind: "listing"; readonly objects: number; readonly bytes: number }
  | { readonly kind: "listed"; readonly objects: number; readonly bytes: number }
  /** Bytes of a document that were just read; a document that is tried again is read again. */
  | { readonly kind: "read"; readonly uri: string; readonly bytes: number }
  | { readonly kind: "chunks"; readonly uri: string; readonly chunks: number; readonly embedded: number }
  | {
      readonly kind: "document";
      readonly uri: string;
      readonly outcome: Outcome;
      readonly chunks: number;
      readonly bytes: number;
      /** Bad records that an unchanged document was indexed without some time ago; 1 for one that should have text and has none. */
      readonly faults?: number;
      readonly error?: IsthmusError;
    }
  /** A file inside the document, of a kind that is not read; `id` is its place. */
  | {
      readonly kind: "passed-over";
      readonly uri: string;
      readonly id: string;
      readonly code: string;
      readonly reason: string;
    }
  | {
      readonly kind: "fault";
      readonly uri: string;
      readonly id: string;
      readonly code: string;
      readonly reason: string;
    };

export interface IngestOptions {
  /** Deletes over both bounds of promise 4 go through without asking. */
  readonly allowMassDelete?: boolean;
  /** Milliseconds within which a refresh counts what any writer removed as one with its own. Default an hour. */
  readonly removalWindowMs?: number;
  /** Failed documents under this many attempts are tried again at the same version. Default 3. */
  readonly maxAttempts?: number;
  /** Try failed documents whatever their attempts. */
  readonly retryFailed?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: IngestEvent) => void;
}

/** How far a run is, as it is told of. */
export interface RunFigures {
  /** Objects are being listed: `total` still grows. */
  readonly listing: boolean;
  /** Documents that are through, whatever became of them. */
  readonly done: number;
  /** Documents that are known of. */
  readonly total: number;
  readonly failed: number;
  readonly documentsPerSecond: number;
  /** Once it can be told. */
  readonly leftMs?: number;
}
