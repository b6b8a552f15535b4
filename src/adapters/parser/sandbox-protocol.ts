import type { ErrorCode } from "../../core/errors.ts";
import type { Parsed } from "../../core/types.ts";

/** One document to read in a worker. The bytes are transferred, not copied. */
export interface SandboxJob {
  /** Chooses the reader (`sandbox-worker.ts`). */
  readonly kind:
    | "html"
    | "pdf"
    | "pdf-picture"
    | "docx"
    | "xlsx"
    | "ods"
    | "pptx"
    | "odt"
    | "odp"
    | "epub"
    | "rtf"
    | "subtitles"
    | "notebook"
    | "xml"
    | "feed"
    | "mail"
    | "msg"
    | "rst"
    | "asciidoc"
    | "org"
    | "latex";
  /** How messages call the document. */
  readonly name: string;
  /** The title where the document has none. */
  readonly fallbackTitle: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of a PDF: its pictures are to be named for OCR (`UnreadPages`), not told as lost. */
  readonly pictures?: "name";
  /** The page to draw, from 1 (`pdf-picture`). */
  readonly page?: number;
}

/** A file inside the document, for the parser of its own kind. Its bytes are transferred, not copied. */
export interface EmbeddedPart {
  readonly kind: "part";
  /** Its place, see `Part`. */
  readonly id: string;
  readonly contentType?: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Pages of a PDF whose text is in pictures, ascending, from 1. */
export interface UnreadPages {
  readonly kind: "unread";
  readonly pages: readonly number[];
}

export type SandboxItem = Parsed | EmbeddedPart | UnreadPages;

export type SandboxReply =
  | { readonly ok: true; readonly parsed: readonly SandboxItem[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };
