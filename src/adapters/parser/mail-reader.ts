import { isUtf8 } from "node:buffer";
import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { IsthmusError } from "../../core/errors.ts";
import { decodeText } from "./decode.ts";
import { attachmentName, type MessageAttachment } from "./mail-attachments.ts";
import { messageItems } from "./mail-message.ts";
import { fromUtf7, withHeadersEnded, withHeadersInUtf8 } from "./mail-repair.ts";
import type { SandboxItem, SandboxJob } from "./sandbox-protocol.ts";
import { takeUuencoded, type UuencodedFile } from "./uuencode.ts";

/** Bounds of the MIME parser: real mail nests a handful of parts. */
const limits = { maxNestingDepth: 64, maxHeadersSize: 2 * 1024 * 1024 };
const addressesKept = 50;
/** Bytes in which the end of the headers is looked for. */
const headBytes = 512 * 1024;

function addressText(address: Address): string {
  if (address.group) return `${address.name}: ${address.group.map(addressText).join(", ")}`;
  const { name, address: place = "" } = address;
  if (place === "") return name;
  return name === "" || name === place ? place : `${name} <${place}>`;
}

function addressList(addresses: readonly Address[] | undefined): string[] {
  const all = addresses ?? [];
  const more = all.length > addressesKept ? [`and ${all.length - addressesKept} more`] : [];
  return [...all.slice(0, addressesKept).map(addressText), ...more];
}

// What a page in a web archive looks like and does, for browsers, and forms of the text for other programs: parts without a name.
// (What has one was attached by somebody.)
const pageResource = /^(?:text\/(?:css|javascript|x-amp-html|watch-html)|application\/(?:x-)?javascript)$/;
/** Lists and colours that Word keeps beside a page. */
const pageSettings = /^(?:text|application)\/xml$/;

function bytesOf(content: Attachment["content"]): Uint8Array<ArrayBuffer> {
  return typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
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

const textHeader = /^(content-type:[ \t]*text\/(?:html|plain)\b)((?:[^\r\n]*\r?\n[ \t])*[^\r\n]*)$/gim;
const replaced = ({ text = "", html = "" }: Email): number => `${text}${html}`.split("\ufffd").length - 1;
/** Whether hardly a letter beyond ASCII is whole: the charset that the message declares is not its own. */
const isGarbled = (email: Email): boolean =>
  replaced(email) > (`${email.text ?? ""}${email.html ?? ""}`.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0);

/**
 * The message with the letters that its parts mean: one that declares no charset is UTF-8 for the MIME parser; where that does not
 * fit, nor what it declares, it is what its page declares, else what most mail programs meant.
 */
async function parseWithCharsets(bytes: Uint8Array, parse: (bytes: Uint8Array) => Promise<Email>): Promise<Email> {
  const email = await parse(bytes);
  if (replaced(email) === 0) return email;
  const [, declared = "windows-1252"] =
    /<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?([\w-]{1,40})/i.exec(email.html ?? "") ?? [];
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const told = source.replace(textHeader, (whole, type: string, rest: string) =>
    /\bcharset\b/i.test(rest)
      ? isGarbled(email)
        ? whole.replace(
            /\bcharset\s*=\s*"?utf-?8"?/i,
            `charset=${/utf-?8/i.test(declared) ? "windows-1252" : declared}`,
          )
        : whole
      : `${type}; charset=${declared}${rest}`,
  );
  const again = await parse(Buffer.from(told, "latin1"));
  return replaced(again) < replaced(email) ? again : email;
}

/** What a web archive (MHT) inside a document shows: its page, else its text; undefined where it holds neither. */
export async function webArchive(bytes: Uint8Array): Promise<{ html: string } | { text: string } | undefined> {
  const parsed = parseWithCharsets(bytes, (some) => PostalMime.parse(some, limits));
  const { html = "", text = "" }: Partial<Email> = await parsed.catch(() => ({}));
  if (html.trim() !== "") return { html };
  return text.trim() === "" ? undefined : { text };
}

function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "" && !/^(?:us-)?ascii$/i.test(label);
  } catch {
    return false;
  }
}

/** Whoever declares a charset that has no such letters, or that nobody knows, and writes UTF-8, meant UTF-8. */
function withUtf8Declared(bytes: Uint8Array): Uint8Array {
  if (bytes.every((byte) => byte < 0x80)) return bytes;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const told = source.replace(textHeader, (header) =>
    header.replace(/\bcharset\s*=\s*"?([\w.:-]{1,60})"?/i, (whole, label: string) =>
      isCharset(label) ? whole : "charset=utf-8",
    ),
  );
  return told === source ? bytes : Buffer.from(told, "latin1");
}

/**
 * Mail of before charsets were declared is what its sender's Windows wrote: that is tried where it is no UTF-8. A program that saved a
 * message as UTF-16 has done so with all of it.
 */
async function asUtf8(bytes: Uint8Array): Promise<Uint8Array> {
  const [first = 0, second = 0] = bytes;
  if (first === 0 || second === 0 || (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    const { text, encoding } = await decodeText(bytes);
    return encoding.startsWith("utf-16") ? new TextEncoder().encode(text) : bytes;
  }
  if (isUtf8(bytes)) return withUtf8Declared(bytes);
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const isDeclared = /charset\s*=|^content-transfer-encoding:\s*binary/im.test(latin1);
  return isDeclared
    ? Buffer.from(withHeadersInUtf8(latin1), "latin1")
    : new TextEncoder().encode(new TextDecoder("windows-1252").decode(bytes));
}

function withHeaders(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString("latin1");
  const isUtf16 = /^(?:[\xff\xfe]|.?\0)/.test(head);
  if (isUtf16) return bytes;
  const ended = withHeadersEnded(head);
  return ended === head ? bytes : Buffer.concat([Buffer.from(ended, "latin1"), bytes.subarray(headBytes)]);
}

/** The attachment, out of its uuencode. */
function unpacked(attachment: Attachment): { filename: string; bytes: Uint8Array<ArrayBuffer>; type: string } {
  const bytes = bytesOf(attachment.content);
  const { filename: given, mimeType: type } = attachment;
  const filename = given ?? "";
  if (!/^\s{0,8}begin \d/.test(Buffer.from(bytes.subarray(0, 16)).toString("latin1"))) return { filename, bytes, type };
  const { files } = takeUuencoded(Buffer.from(bytes).toString("latin1"));
  const [file] = files;
  if (!file || files.length > 1) return { filename, bytes, type };
  return { filename: filename || file.name, bytes: file.bytes, type: "" };
}

/** Apple Mail puts the message's length on a line above it, and settings of its own below. */
function withoutEnvelope(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString("latin1");
  const [line, length] = /^(\d{1,12})[ \t]*\r?\n/.exec(head) ?? [];
  const message = line === undefined ? bytes : bytes.subarray(line.length, line.length + Number(length));
  // Lines that end as on the Macintosh of before 2001.
  return message.includes(0x0a) ? message : message.map((byte) => (byte === 0x0d ? 0x0a : byte));
}

/** The body of a message that says it has parts and has none: the boundary between them is not named, or stands nowhere. */
function bodyWithoutParts(bytes: Uint8Array, { headers }: Email): string {
  const type = headers.find(({ key }) => key === "content-type")?.value ?? "";
  if (!/^\s*multipart\//i.test(type)) return "";
  const boundary = /\bboundary\s*=\s*"?([^";]{1,100})/i.exec(type)?.[1]?.trim();
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const start = /\r?\n\r?\n/.exec(source);
  const body = start ? source.slice(start.index + start[0].length) : "";
  return boundary !== undefined && body.includes(`--${boundary}`) ? "" : body;
}

const asAttached = ({ name, bytes }: UuencodedFile) => ({ filename: name, bytes, type: "" });

/** EML: a message with its headers as metadata, and its attachments as parts. Runs in the sandbox. */
export async function readMail(job: SandboxJob): Promise<readonly SandboxItem[]> {
  const source = await asUtf8(withHeaders(withoutEnvelope(job.bytes)));
  const email = await parseWithCharsets(source, (bytes) => parseMime(bytes, job));
  if (!email.headers.some(({ key, value }) => value !== "" && /^[a-z][a-z0-9-]*$/.test(key))) {
    throw new IsthmusError("parse_failed", `${job.name} has no headers: it is no e-mail message.`);
  }
  const isSealed = email.headers.some(
    ({ key, value }) => key === "content-type" && /^\s*multipart\/encrypted\b/i.test(value),
  );
  const isArchive = email.headers.some(
    ({ key, value }) => key === "content-type" && /^\s*multipart\/related\b/i.test(value),
  );
  const isPart = ({ mimeType }: Attachment): boolean =>
    pageResource.test(mimeType) || (isArchive && pageSettings.test(mimeType));
  const files = email.attachments.filter((file) => (file.filename ?? "") !== "" || !isPart(file));
  const isUtf7 = /\bcharset\s*=\s*"?utf-7|=\?utf-7\?/i.test(
    Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString("latin1"),
  );
  const decoded = (text: string): string => (isUtf7 ? fromUtf7(text) : text);
  const written = takeUuencoded(email.text ?? "");
  const attached = [...files.map(unpacked), ...written.files.map(asAttached)];
  const attachments = attached.map(
    ({ filename, bytes, type }, index): MessageAttachment => ({
      name: attachmentName(filename, type, index + 1),
      contentType: type,
      bytes,
    }),
  );
  const headers = {
    from: email.from ? decoded(addressText(email.from)) : "",
    to: addressList(email.to).map(decoded),
    cc: addressList(email.cc).map(decoded),
    date: email.date ?? "",
    message_id: email.messageId?.replace(/^<|>$/g, "") ?? "",
    in_reply_to: email.inReplyTo?.replace(/^<|>$/g, "") ?? "",
  };
  const subject = decoded(email.subject ?? "");
  const html = decoded(email.html ?? "");
  const isEmpty = attachments.length === 0 && html === "" && written.text.trim() === "";
  const text = decoded(isEmpty ? bodyWithoutParts(source, email) : written.text);
  return messageItems({ subject, headers, text, html, attachments, isSealed }, job);
}
