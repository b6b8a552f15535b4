import { byteOrderMark } from "./decode.ts";
import { looksLikeFlatWord } from "./office/flat-word.ts";
import { beginningOf, marklessUnicode } from "./utf32.ts";

interface Signature {
  readonly name: string;
  /** Latin-1. */
  readonly start: string;
}

const signatures: readonly Signature[] = [
  { name: "a PDF", start: "%PDF-" },
  { name: "a ZIP archive", start: "PK\x03\x04" },
  { name: "an OLE container (an old or an encrypted Office file)", start: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
  { name: "a PNG picture", start: "\x89PNG" },
  { name: "a JPEG picture", start: "\xff\xd8\xff" },
  { name: "a GIF picture", start: "GIF8" },
  { name: "gzip data", start: "\x1f\x8b" },
  { name: "an ELF program", start: "\x7fELF" },
  { name: "an RTF document", start: "{\\rtf" },
];

// Text has tabs, line ends, form feeds and escape sequences of terminals; other control characters are rare in it.
const textControls = new Set([0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);
const mostControls = 0.05;

// What a file system leaves where a machine went down while it wrote a log, and a log that was cut while it was open.
const hole = /\0{16,}/g;

/** The bytes without long runs of NUL. */
function withoutHoles(head: Uint8Array): Uint8Array {
  const text = Buffer.from(head).toString("latin1");
  return Buffer.from(text.replace(hole, ""), "latin1");
}

/**
 * What the first bytes are, where they are surely not text: a phrase such as `a PNG picture`, else undefined.
 *
 * @param promised whether the name says that it is a text: then it may begin with nothing but NULs.
 */
export function binaryContent(head: Uint8Array, promised = false): string | undefined {
  const start = Buffer.from(head.subarray(0, 16)).toString("latin1");
  const known = signatures.find((signature) => start.startsWith(signature.start));
  if (known) return known.name;
  const mark = byteOrderMark(head);
  if (mark && mark.encoding !== "utf-8") return undefined;
  if (marklessUnicode(head)) return undefined;
  const rest = head.includes(0) ? withoutHoles(head) : head;
  if (rest.includes(0) || (rest.length === 0 && head.length > 0 && !promised)) return "binary data";
  let controls = 0;
  for (const byte of rest) if ((byte < 0x20 && !textControls.has(byte)) || byte === 0x7f) controls += 1;
  return controls > rest.length * mostControls ? "binary data" : undefined;
}

/** Whether a file begins as one of a kind that is surely no text, in whatever encoding. */
export function isOfAnotherKind(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 16)).toString("latin1");
  return signatures.some((signature) => start.startsWith(signature.start));
}

const zipTypes = new Map([
  ["epub+zip", "epub"],
  ["vnd.oasis.opendocument.text", "odt"],
  ["vnd.oasis.opendocument.spreadsheet", "ods"],
  ["vnd.oasis.opendocument.presentation", "odp"],
] as const);

/** What the entries at the beginning of a zip tell, undefined where they tell nothing. */
function zipKind(latin1: string): "docx" | "xlsx" | "ods" | "pptx" | "odt" | "odp" | "epub" | undefined {
  // A name follows the 30 bytes of its entry's header. OpenDocument begins with its type, not compressed.
  const entries = latin1.split("PK\x03\x04").map((entry) => entry.slice(26));
  const [, type = ""] = /^mimetypeapplication\/(epub\+zip|vnd\.oasis\.opendocument\.\w+)/.exec(entries[1] ?? "") ?? [];
  const typed = [...zipTypes].find(([name]) => name === type)?.[1];
  if (typed) return typed;
  for (const entry of entries) {
    if (/^word\//i.test(entry)) return "docx";
    if (/^xl\//i.test(entry)) return "xlsx";
    if (/^ppt\//i.test(entry)) return "pptx";
  }
  return undefined;
}

// What pages begin with that are no more than their body, as programs export them under the names of Office.
const pageStart =
  /^\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|meta|title|style|body|table|div|h[1-6]|p|center|font|b)[\s>]/i;

/** Whether a file begins with an element of HTML. */
export function looksLikePage(head: Uint8Array): boolean {
  const latin1 = Buffer.from(head).toString("latin1");
  return pageStart.test(latin1.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replaceAll("\0", ""));
}

/** The kind of an OpenDocument that is one file of XML: its first element names its type. */
function flatKind(start: string): "ods" | "odt" | "odp" | undefined {
  const [root = ""] = /<[\w-]+:document\s[^>]*>/.exec(start) ?? [];
  const type = /office:mimetype="application\/(vnd\.oasis\.opendocument\.\w+)"/.exec(root)?.[1];
  const kind = [...zipTypes].find(([name]) => name === type)?.[1];
  return kind === "epub" ? undefined : kind;
}

/** The kind that the first bytes of a file give away, whatever its name. */
export function sniffKind(
  head: Uint8Array,
):
  | "pdf"
  | "docx"
  | "xlsx"
  | "ods"
  | "pptx"
  | "odt"
  | "odp"
  | "epub"
  | "rtf"
  | "html"
  | "xml"
  | "subtitles"
  | "mail"
  | "mbox"
  | "msg"
  | undefined {
  const latin1 = Buffer.from(head).toString("latin1");
  if (latin1.startsWith("%PDF-")) return "pdf";
  if (latin1.startsWith("PK\x03\x04")) return zipKind(latin1);
  // The winmail.dat of Outlook, by itself.
  if (latin1.startsWith("\x78\x9f\x3e\x22")) return "msg";
  if (/^(?:\xef\xbb\xbf)?\s*\{\\rtf\d/.test(latin1)) return "rtf";
  // A file in UTF-16 has a NUL in each pair.
  const start = latin1.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replaceAll("\0", "");
  if (/^\s*(?:<!--[\s\S]*?-->\s*)*(?:<!doctype html|<html[\s>])/i.test(start)) return "html";
  const flat = looksLikeFlatWord(start) ? "docx" : flatKind(start);
  if (flat) return flat;
  if (/^\s*<\?xml\s/.test(start)) return /<html[\s>]/.test(start) ? "html" : "xml";
  if (/^WEBVTT\s/.test(start)) return "subtitles";
  if (/^From \S.{0,300}\d{1,2}:\d{2}.{0,30}\r?\n[A-Za-z-]{1,60}:/.test(start)) return "mbox";
  return looksLikeMail(start) ? "mail" : undefined;
}

const mailHeaders = new Set(
  "from to date subject message-id received return-path mime-version delivered-to".split(" "),
);

/** Whether a file without a telling name is a message (a folder of them, as mail servers keep): it begins with their headers. */
function looksLikeMail(start: string): boolean {
  const found = new Set<string>();
  for (const line of start.split(/\r?\n/)) {
    const name = /^([A-Za-z][A-Za-z0-9-]{0,60}):/.exec(line)?.[1]?.toLowerCase();
    if (name === undefined && !/^[ \t]+\S/.test(line)) break;
    if (name !== undefined && mailHeaders.has(name)) found.add(name);
  }
  return (
    found.size >= 3 &&
    (found.has("message-id") || found.has("received") || found.has("mime-version") || found.has("from"))
  );
}

/** Whether a file begins with a line of headers, as a message does. */
export function beginsWithHeader(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 1000)).toString("latin1");
  return /^(?:\xef\xbb\xbf)?[A-Za-z][A-Za-z0-9-]{0,60}:[ \t][\t -~\x80-\xff]*\r?\n/.test(start);
}

/** Whether a file is a message whose parts may stand in it as they are. */
export function mayHoldBinary(head: Uint8Array): boolean {
  const binary = /^content-(?:type:\s*multipart\/|transfer-encoding:\s*binary)/im;
  return beginsWithHeader(head) && binary.test(Buffer.from(head).toString("latin1"));
}

/** Whether an XML file is a feed, whose items are documents of their own: its first element is that of RSS or Atom. */
export function looksLikeFeed(head: Uint8Array): boolean {
  // In UTF-16 the letters have zeros between them.
  const text = Buffer.from(head)
    .toString("latin1")
    .replace(/\0/g, "")
    .replace(/<!--[\s\S]*?-->/g, "");
  const root = /<([A-Za-z_][\w.:-]{0,100})/.exec(text)?.[1];
  return root === "rss" || root === "feed" || (root === "rdf:RDF" && /purl\.org\/rss\//.test(text));
}

/**
 * Whether a file named `.json` is really one JSON object a line: its first line is a whole object, and another begins
 * right after.
 */
export function looksLikeJsonLines(head: Uint8Array): boolean {
  const [first = "", ...rest] = beginningOf(head).split("\n");
  if (!first.startsWith("{") || !rest.join("\n").trimStart().startsWith("{")) return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}
