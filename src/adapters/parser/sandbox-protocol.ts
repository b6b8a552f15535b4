import type { ErrorCode } from "../../core/errors.ts";
import type { Parsed } from "../../core/types.ts";

/** One document to read in a worker. The bytes are transferred, not copied. */
export interface SandboxJob {
  /** Chooses the reader (`sandbox-worker.ts`). */
  readonly kind: "html" | "pdf" | "docx" | "subtitles" | "notebook" | "xml" | "feed" | "mail";
  /** How messages call the document. */
  readonly name: string;
  /** The title where the document has none. */
  readonly fallbackTitle: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file inside the document, for the parser of its own kind. Its bytes are transferred, not copied. */
export interface EmbeddedPart {
  readonly kind: "part";
  /** Its place, see `Part`. */
  readonly id: string;
  readonly contentType?: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type SandboxItem = Parsed | EmbeddedPart;

export type SandboxReply =
  | { readonly ok: true; readonly parsed: readonly SandboxItem[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };
