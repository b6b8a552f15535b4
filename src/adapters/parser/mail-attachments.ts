import type { ParseFault } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";
import { lostFault } from "./record-faults.ts";

/** A message and the files in it, as any mail format gives them. */
export interface Message {
  readonly subject: string;
  /** Headers by their metadata key; empty ones are left out. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
  readonly html: string;
  /** What the item says beside its text, by name: when and where an appointment is. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly attachments: readonly MessageAttachment[];
  /** All of it is encrypted: what looks like attachments is the sealed message. */
  readonly isSealed: boolean;
}

export interface MessageAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

// A name for a part that has none, so that its kind can be told.
const extensionByType: Readonly<Record<string, string>> = {
  "message/rfc822": "eml",
  "text/calendar": "ics",
  "text/plain": "txt",
  "text/html": "html",
  "text/csv": "csv",
  "application/pdf": "pdf",
};
// Proofs of who sent it, for programs.
const signatureType = /^application\/(?:pgp-signature|(?:x-)?pkcs7-signature|pgp-encrypted|pgp-keys)$/;
const encryptedType = /^application\/(?:x-)?pkcs7-mime$/;

/** @param position from 1. */
export function attachmentName(filename: string, contentType: string, position: number): string {
  const named = cleanLine(filename).replace(/^.*[\\/]/, "");
  if (named !== "" && !/^\.+$/.test(named)) return named;
  const extension = extensionByType[contentType];
  return extension === undefined ? `part ${position}` : `part ${position}.${extension}`;
}

/** The attachments that can be read, and what is wrong with others. */
export function sortAttachments({ attachments, isSealed }: Message): {
  kept: MessageAttachment[];
  faults: ParseFault[];
} {
  const faults: ParseFault[] = [];
  const lost = (name: string, reason: string): void =>
    void faults.push(lostFault(`attachments/${name}`, `${name} ${reason}`));
  const kept = attachments.filter(({ name, contentType }) => {
    if (signatureType.test(contentType)) return false;
    if (isSealed || encryptedType.test(contentType) || /\.(?:pgp|gpg|p7m)$/i.test(name)) {
      lost(name, "is encrypted or sealed: it was not read. Save the message from the mail program that can open it.");
    } else return true;
    return false;
  });
  return { kept, faults };
}
