import { isUtf8 } from "node:buffer";
import { IsthmusError } from "../../core/errors.ts";
import type { Parsed } from "../../core/types.ts";
import { cleanLine } from "./clean.ts";
import { wholeDocument } from "./document.ts";
import { joinParts, partOfBlocks, type TextPart } from "./office/blocks.ts";
import { lostFault } from "./record-faults.ts";
import { readRtfText } from "./rtf-text.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";

const beginning = /^(?:\xef\xbb\xbf)?\s*(?=\{\\rtf)/;

interface Rtf extends TextPart {
  readonly title: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly isCut: boolean;
}

/** The text of a file in RTF. @throws `parse_failed` for what is none. */
export function rtfContent(bytes: Uint8Array, name: string): Rtf {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const start = beginning.exec(source)?.[0].length;
  if (start === undefined) throw new IsthmusError("parse_failed", `${name} is no RTF: it does not begin with {\\rtf.`);
  const { info, headers, body, footers, isCut } = readRtfText(source, start, isUtf8(bytes), name);
  const { title = "", ...metadata } = Object.fromEntries(
    [...info].map(([key, { text }]) => [key, cleanLine(text)]).filter(([, text]) => text !== ""),
  );
  return {
    ...joinParts([headers, body, footers].map(partOfBlocks)),
    title: title || cleanLine(body.find(({ level }) => level === 1)?.text ?? ""),
    metadata,
    isCut,
  };
}

function holdsObjects(bytes: Uint8Array): boolean {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ["\\pict", "\\object", "\\objdata"].some((word) => source.includes(word));
}

/** RTF: its text, headings, tables and notes. Runs in the sandbox. */
export async function readRtf(job: SandboxJob): Promise<readonly Parsed[]> {
  const { title, text, sections, metadata, isCut } = rtfContent(job.bytes, job.name);
  if (sections.length === 0 && holdsObjects(job.bytes)) {
    const message = `${job.name} holds no text but pictures or embedded files: words inside them are not read. Save the files by themselves, and ingest those.`;
    throw new IsthmusError("content_empty", message);
  }
  const document = wholeDocument(job.name, { title: title || job.fallbackTitle, text, sections, metadata });
  return isCut
    ? [document, lostFault("(the rest)", `${job.name} ends before its text does: it is cut off.`)]
    : [document];
}
