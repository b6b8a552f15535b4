import type { ErrorCode } from "../../core/errors.ts";
import type { Metadata, Section } from "../../core/types.ts";

/** One document to read in a worker. The bytes are transferred, not copied. */
export interface SandboxJob {
  readonly kind: "html" | "pdf" | "docx";
  /** How messages call the document. */
  readonly name: string;
  /** The title where the document has none. */
  readonly fallbackTitle: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SandboxContent {
  readonly title: string;
  readonly text: string;
  readonly sections: readonly Section[];
  readonly metadata: Metadata;
}

export type SandboxReply =
  | { readonly ok: true; readonly content: SandboxContent }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };
