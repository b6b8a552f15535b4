import { IsthmusError } from "../../core/errors.ts";
import { codePageOfLocale, decoderOf } from "./code-pages.ts";
import { readCompoundFile, type Storage } from "./compound-file.ts";
import { attachmentName, type Message, type MessageAttachment } from "./mail-attachments.ts";
import { type MessageItem, messageItems } from "./mail-message.ts";
import { rtfBody } from "./outlook-body.ts";
import { outlookFields, timeOfFile } from "./outlook-fields.ts";
import { lostFault } from "./record-faults.ts";
import type { SandboxItem, SandboxJob } from "./sandbox-protocol.ts";
import { titleFromUri } from "./source-name.ts";

// Property tags of [MS-OXPROPS] and the layout of [MS-OXMSG]: a property of variable length is a stream whose name ends in
// its tag and its type; those of fixed length stand together in one stream, 16 bytes each.
const tags = {
  subject: "0037",
  transportHeaders: "007D",
  senderName: "0C1A",
  senderAddress: "0C1F",
  senderSmtp: "5D01",
  displayCc: "0E03",
  displayTo: "0E04",
  body: "1000",
  compressedRtf: "1009",
  html: "1013",
  messageId: "1035",
  inReplyTo: "1042",
  displayName: "3001",
  attachmentData: "3701",
  shortFileName: "3704",
  longFileName: "3707",
  mimeType: "370E",
} as const;
const submitTime = 0x0039;
const deliveryTime = 0x0e06;
const messageCodePage = 0x3ffd;
const internetCodePage = 0x3fde;
const messageLocale = 0x3ff1;

const types = { text: "001F", ansi: "001E", binary: "0102", object: "000D" } as const;
const attachmentStorage = /^__attach_version1\.0_#[0-9A-F]{8}$/i;
const embeddedAtMost = 10;
const tnefSignature = Buffer.from("789f3e22", "hex");
const firstNamed = 0x8000;

function streamOf(storage: Storage, tag: string, type: string): Uint8Array | undefined {
  return storage.streams.get(`__substg1.0_${tag}${type}`)?.();
}

/** Properties of fixed length: their eight bytes by tag. */
function fixedProperties(storage: Storage, headerSize: number): Map<number, Buffer> {
  const stream = Buffer.from(storage.streams.get("__properties_version1.0")?.() ?? []);
  const found = new Map<number, Buffer>();
  for (let at = headerSize; at + 16 <= stream.length; at += 16)
    found.set(stream.readUInt16LE(at + 2), stream.subarray(at + 8, at + 16));
  return found;
}

const timeOf = (bytes: Buffer | undefined): string => (bytes ? timeOfFile(bytes) : "");

/** Numbers of the properties that have a name of their own, by their long ID: the file's first folder keeps them for all messages in it. */
function namedProperties(root: Storage): Map<number, number> {
  const entries = Buffer.from(root.storages.get("__nameid_version1.0")?.streams.get("__substg1.0_00030102")?.() ?? []);
  const found = new Map<number, number>();
  for (let at = 0; at + 8 <= entries.length; at += 8) {
    const isText = (entries.readUInt16LE(at + 4) & 1) === 1;
    if (!isText) found.set(entries.readUInt32LE(at), firstNamed + entries.readUInt16LE(at + 6));
  }
  return found;
}

interface ReadMessage {
  readonly message: Message;
  /** Messages in it, by the name of the attachment. */
  readonly embedded: readonly { readonly name: string; readonly storage: Storage }[];
  /** The only body is RTF, and cannot be read. */
  readonly isUnread: boolean;
}

function messageOf(storage: Storage, jobName: string, isTop: boolean, names: ReadonlyMap<number, number>): ReadMessage {
  const fixed = fixedProperties(storage, isTop ? 32 : 24);
  const page = (tag: number): number | undefined => fixed.get(tag)?.readUInt32LE();
  const ansi = decoderOf(page(messageCodePage) ?? codePageOfLocale(page(messageLocale)) ?? page(internetCodePage));
  const textOf = (place: Storage, tag: string): string => {
    const wide = streamOf(place, tag, types.text);
    const text = wide ? Buffer.from(wide).toString("utf16le") : ansi.decode(streamOf(place, tag, types.ansi));
    return text.replace(/\0+$/, "");
  };
  const text = (tag: string): string => textOf(storage, tag);
  const htmlBytes = streamOf(storage, tags.html, types.binary);
  const html = htmlBytes ? decoderOf(page(internetCodePage) ?? 65_001).decode(htmlBytes) : text(tags.html);
  const attachments: MessageAttachment[] = [];
  const embedded: { name: string; storage: Storage }[] = [];
  const places = [...storage.storages]
    .filter(([name]) => attachmentStorage.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  places.forEach(([, place], index) => {
    const contentType = textOf(place, tags.mimeType).toLowerCase();
    const given =
      textOf(place, tags.longFileName) || textOf(place, tags.shortFileName) || textOf(place, tags.displayName);
    const inner = place.storages.get(`__substg1.0_${tags.attachmentData}${types.object}`);
    const data = streamOf(place, tags.attachmentData, types.binary);
    const name = attachmentName(given, contentType, index + 1);
    if (inner) embedded.push({ name: /\.(?:msg|eml)$/i.test(name) ? name : `${name}.msg`, storage: inner });
    // A copy of its own: what is a view into the whole file cannot be handed over alone.
    else if (data) attachments.push({ name, contentType, bytes: new Uint8Array(data) });
  });
  const sender = text(tags.senderSmtp) || text(tags.senderAddress);
  const name = text(tags.senderName);
  const isAddress = sender.includes("@");
  const header = (key: string): string =>
    new RegExp(`^${key}:[ \\t]*(.{1,500})`, "im").exec(text(tags.transportHeaders))?.[1]?.trim() ?? "";
  const body = text(tags.body);
  const compressed =
    body.trim() === "" && html.trim() === "" ? streamOf(storage, tags.compressedRtf, types.binary) : undefined;
  const fromRtf = compressed && rtfBody(compressed, jobName);
  const fields = outlookFields({
    text: (tag) => text(tag.toString(16).toUpperCase().padStart(4, "0")),
    time: (tag) => timeOf(fixed.get(tag)),
    named: (longId) => names.get(longId),
  });
  return {
    message: {
      subject: text(tags.subject),
      headers: {
        from: isAddress && name !== "" && name !== sender ? `${name} <${sender}>` : isAddress ? sender : name,
        to: text(tags.displayTo).split(";"),
        cc: text(tags.displayCc).split(";"),
        date: timeOf(fixed.get(submitTime)) || timeOf(fixed.get(deliveryTime)),
        message_id: (text(tags.messageId) || header("message-id")).replace(/^<|>$/g, ""),
        in_reply_to: text(tags.inReplyTo).replace(/^<|>$/g, ""),
      },
      text: fromRtf?.text ?? body,
      html: fromRtf?.html ?? html,
      fields,
      attachments,
      isSealed: false,
    },
    embedded,
    isUnread: compressed !== undefined && fromRtf === undefined,
  };
}

function itemsOf(
  storage: Storage,
  job: Pick<SandboxJob, "name" | "fallbackTitle">,
  depth: number,
  names: ReadonlyMap<number, number>,
): MessageItem[] {
  const { message, embedded, isUnread } = messageOf(storage, job.name, depth === 0, names);
  const unread = isUnread
    ? [lostFault("body", "The text of the message is kept as RTF alone, which is damaged. Save it as EML or HTML.")]
    : [];
  const isNothing =
    message.subject === "" && message.text === "" && message.html === "" && message.attachments.length === 0;
  const own = isNothing && (embedded.length > 0 || unread.length > 0) ? [] : messageItems(message, job);
  const inner = embedded.flatMap(({ name, storage: place }, index): MessageItem[] => {
    const at = embedded.findIndex((other) => other.name === name);
    const id = `attachments/${at === index ? name : `${index + 1} ${name}`}`;
    if (depth >= embeddedAtMost) return [lostFault(id, `It lies ${embeddedAtMost} messages deep: it was not read.`)];
    try {
      return itemsOf(place, { name: JSON.stringify(name), fallbackTitle: titleFromUri(name) }, depth + 1, names).map(
        (item) => ({
          ...item,
          id: item.id === undefined ? id : `${id}#${item.id}`,
        }),
      );
    } catch (error) {
      if (!(error instanceof IsthmusError)) throw error;
      // A date of a series that was cancelled is a message of nothing.
      if (error.code === "content_empty") return [];
      return [{ kind: "fault", id, code: "record_invalid", reason: error.message }];
    }
  });
  return [...own, ...unread, ...inner];
}

/** A message that Outlook packed into a `winmail.dat`, saved by itself. */
function tnefItems(job: SandboxJob): MessageItem[] {
  const sealed: MessageAttachment = { name: "winmail.dat", contentType: "application/ms-tnef", bytes: job.bytes };
  return messageItems({ subject: "", headers: {}, text: "", html: "", attachments: [sealed], isSealed: false }, job);
}

/** MSG and TNEF: an Outlook message, read as an e-mail is. Runs in the sandbox. */
export async function readMsg(job: SandboxJob): Promise<readonly SandboxItem[]> {
  if (Buffer.from(job.bytes.subarray(0, 4)).equals(tnefSignature)) return tnefItems(job);
  const root = readCompoundFile(job.bytes, job.name);
  if (!root.streams.has("__properties_version1.0")) {
    const message = `${job.name} is an OLE file of another kind: no Outlook message.`;
    throw new IsthmusError("parse_failed", message);
  }
  // Documents come before parts, so that the message is the first of all.
  const items = itemsOf(root, job, 0, namedProperties(root));
  return [...items.filter(({ kind }) => kind !== "part"), ...items.filter(({ kind }) => kind === "part")];
}
