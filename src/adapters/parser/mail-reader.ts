import { isUtf8 } from "node:buffer";
import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { IsthmusError } from "../../core/errors.ts";
import type { Metadata, Parsed, ParsedDocument, ParseFault } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { htmlContent } from "./html-content.ts";
import { rtfBody } from "./outlook-body.ts";
import { lostFault } from "./record-faults.ts";
import type { EmbeddedPart, SandboxItem, SandboxJob } from "./sandbox-protocol.ts";
import { sectionsOf } from "./sections.ts";
import { readTnef } from "./tnef.ts";
import { numberedName, uniqueIds } from "./unique-ids.ts";

/** A message and the files in it, as any mail format gives them. */
export interface Message {
  readonly subject: string;
  /** Headers by their metadata key; empty ones are left out. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly MessageAttachment[];
  /** All of it is encrypted: what looks like attachments is the sealed message. */
  readonly isSealed: boolean;
}

export interface MessageAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type MessageItem = Parsed | EmbeddedPart;

/** Bounds of the MIME parser: real mail nests a handful of parts. */
const limits = { maxNestingDepth: 64, maxHeadersSize: 2 * 1024 * 1024 };
const addressesKept = 50;

function addressText(address: Address): string {
  if (address.group) return `${address.name}: ${address.group.map(addressText).join(", ")}`;
  return address.name === "" || address.name === address.address
    ? address.address
    : `${address.name} <${address.address}>`;
}

function addressList(addresses: readonly Address[] | undefined): string[] {
  const all = addresses ?? [];
  const more = all.length > addressesKept ? [`and ${all.length - addressesKept} more`] : [];
  return [...all.slice(0, addressesKept).map(addressText), ...more];
}

const words = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;

/**
 * The body that says most: the plain text, which the sender's program made for reading, unless it is a stub beside the
 * HTML ("This message needs an HTML viewer").
 */
function bestBody(message: Message): Pick<ParsedDocument, "text" | "sections"> {
  const plain = cleanText(message.text).trim();
  if (message.html !== "") {
    const { text, sections } = htmlContent(message.html, true);
    if (words(plain) < words(text) / 2) return { text, sections };
  }
  return { text: plain, sections: sectionsOf(plain, []) };
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

const isWinmail = ({ name, contentType }: MessageAttachment): boolean =>
  /^application\/(?:vnd\.)?ms-tnef$/.test(contentType) || /^winmail\.dat$/i.test(name);
const deepestWinmail = 10;

/** Attachments in place of the `winmail.dat` that holds them, and the text of a message that is nowhere else. */
function unpackWinmail(message: Message, jobName: string, depth = 0): { message: Message; faults: ParseFault[] } {
  const faults: ParseFault[] = [];
  let { text, html } = message;
  const attachments = message.attachments.flatMap((attachment): MessageAttachment[] => {
    if (!isWinmail(attachment)) return [attachment];
    const found = depth < deepestWinmail ? readTnef(attachment.bytes) : undefined;
    if (found === undefined || found.damaged) {
      const reason = `${attachment.name} (Outlook's own form of attachments, TNEF) is damaged: not all in it could be read. Save the attachments as files, and ingest them too.`;
      faults.push(lostFault(`attachments/${attachment.name}`, reason));
    }
    if (found === undefined) return [];
    if (`${text}${html}`.trim() === "") {
      const fromRtf = found.compressedRtf && rtfBody(found.compressedRtf, jobName);
      text = found.text || (fromRtf?.text ?? "");
      html = found.html || (fromRtf?.html ?? "");
    }
    return found.attachments.flatMap(({ name: given, contentType, bytes, isMessage }, index): MessageAttachment[] => {
      const name = attachmentName(given, contentType, index + 1);
      if (!isMessage) return [{ name, contentType, bytes }];
      const envelope = { subject: "", headers: {}, text: "", html: "", isSealed: false };
      const sealed = { name, contentType: "application/ms-tnef", bytes };
      const inner = unpackWinmail({ ...envelope, attachments: [sealed] }, jobName, depth + 1);
      faults.push(...inner.faults);
      const { text: words, html: page } = inner.message;
      const [body, extension] = words === "" ? [page, "html"] : [words, "txt"];
      const asFile = {
        name: `${name}.${extension}`,
        contentType: extension === "txt" ? "text/plain" : "text/html",
        bytes: new TextEncoder().encode(body),
      };
      return [...(body.trim() === "" ? [] : [asFile]), ...inner.message.attachments];
    });
  });
  return { message: { ...message, text, html, attachments }, faults };
}

/** The attachments that can be read, and what is wrong with others. */
function sortAttachments({ attachments, isSealed }: Message): { kept: MessageAttachment[]; faults: ParseFault[] } {
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

function bytesOf(content: Attachment["content"]): Uint8Array<ArrayBuffer> {
  return typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
}

/**
 * The items of a message: the message itself, faults, then the files in it.
 *
 * @throws `content_empty` for a message that holds nothing.
 */
export function messageItems(given: Message, job: Pick<SandboxJob, "name" | "fallbackTitle">): MessageItem[] {
  const { message, faults: unpacking } = unpackWinmail(given, job.name);
  const { subject } = message;
  const body = bestBody(message);
  const idOf = uniqueIds(numberedName);
  const { kept, faults } = sortAttachments(message);
  const parts = kept.map(
    ({ name, contentType, bytes }): EmbeddedPart => ({
      kind: "part",
      id: `attachments/${idOf(name)}`,
      contentType,
      bytes,
    }),
  );
  const items: MessageItem[] = [];
  const titled = cleanLine(subject);
  if (body.sections.length > 0 || titled !== "") {
    const names = parts.map((part) => part.id.slice("attachments/".length));
    const oneLine = (value: string): string => cleanText(value).replace(/\s+/g, " ").trim();
    const metadata: Metadata = Object.fromEntries(
      Object.entries({ subject: titled, ...message.headers, attachments: names })
        .map(([key, value]): [string, string | string[]] => [
          key,
          typeof value === "string" ? oneLine(value) : value.map(oneLine).filter((part) => part !== ""),
        ])
        .filter(([, value]) => value.length > 0),
    );
    // A message that is a subject alone is still worth finding.
    const content = body.sections.length > 0 ? body : { text: titled, sections: sectionsOf(titled, []) };
    items.push({ kind: "document", title: titled || job.fallbackTitle, ...content, metadata });
  }
  items.push(...unpacking, ...faults, ...parts);
  if (items.length === 0)
    throw new IsthmusError("content_empty", `${job.name} is a message without subject, text and attachments.`);
  return items;
}

async function parseMime(bytes: Uint8Array, job: SandboxJob): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, { forceRfc822Attachments: true, ...limits });
  } catch (error) {
    const beyond = error instanceof Error && /^Maximum (?:MIME nesting depth|header size)/.test(error.message);
    if (!beyond) throw error;
    const message = `${job.name} nests its parts more than ${limits.maxNestingDepth} deep, or has headers of over ${limits.maxHeadersSize} bytes.`;
    throw new IsthmusError("parse_limit", message);
  }
}

/** The page of a web archive (MHT); undefined where there is none. */
export async function mimeHtml(bytes: Uint8Array): Promise<string | undefined> {
  const { html } = await PostalMime.parse(bytes, limits).catch(() => ({ html: undefined }));
  return html === "" ? undefined : html;
}

/** Mail of before charsets were declared is what its sender's Windows wrote: that is tried where it is no UTF-8. */
function asUtf8(bytes: Uint8Array): Uint8Array {
  if (isUtf8(bytes)) return bytes;
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const isDeclared = /charset\s*=|^content-transfer-encoding:\s*binary/im.test(latin1);
  return isDeclared ? bytes : new TextEncoder().encode(new TextDecoder("windows-1252").decode(bytes));
}

/** Apple Mail puts the message's length on a line above it, and settings of its own below. */
function withoutEnvelope(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString("latin1");
  const [line, length] = /^(\d{1,12})[ \t]*\r?\n/.exec(head) ?? [];
  return line === undefined ? bytes : bytes.subarray(line.length, line.length + Number(length));
}

/** EML: a message with its headers as metadata, and its attachments as parts. Runs in the sandbox. */
export async function readMail(job: SandboxJob): Promise<readonly SandboxItem[]> {
  const email = await parseMime(asUtf8(withoutEnvelope(job.bytes)), job);
  if (!email.headers.some(({ key, value }) => value !== "" && /^[a-z][a-z0-9-]*$/.test(key))) {
    throw new IsthmusError("parse_failed", `${job.name} has no headers: it is no e-mail message.`);
  }
  const isSealed = email.headers.some(
    ({ key, value }) => key === "content-type" && /^\s*multipart\/encrypted\b/i.test(value),
  );
  const attachments = email.attachments.map(
    (attachment, index): MessageAttachment => ({
      name: attachmentName(attachment.filename ?? "", attachment.mimeType, index + 1),
      contentType: attachment.mimeType,
      bytes: bytesOf(attachment.content),
    }),
  );
  const headers = {
    from: email.from ? addressText(email.from) : "",
    to: addressList(email.to),
    cc: addressList(email.cc),
    date: email.date ?? "",
    message_id: email.messageId?.replace(/^<|>$/g, "") ?? "",
    in_reply_to: email.inReplyTo?.replace(/^<|>$/g, "") ?? "",
  };
  const { subject = "", text = "", html = "" } = email;
  return messageItems({ subject, headers, text, html, attachments, isSealed }, job);
}
