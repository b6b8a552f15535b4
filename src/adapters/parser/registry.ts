import { IsthmusError } from "../../core/errors.ts";
import type { Parser, ParserRegistry } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { createCsvParser } from "./csv.ts";
import { createDocxParser } from "./docx.ts";
import { type FileKind, kindOfExtension, kindOfType, typeOfKind } from "./file-kinds.ts";
import { createHtmlParser } from "./html.ts";
import { createJsonlParser } from "./jsonl.ts";
import { createLinesParser } from "./lines.ts";
import { binaryContent, looksLikeFeed, looksLikeJsonLines, sniffKind } from "./magic.ts";
import { createMarkdownParser } from "./markdown.ts";
import { createMboxParser } from "./mbox.ts";
import { officeKind, officeKinds } from "./office-kind.ts";
import { createPartsParser } from "./parts.ts";
import { createPdfParser } from "./pdf.ts";
import { createSandbox, type SandboxLimits } from "./sandbox.ts";
import { createSandboxedParser } from "./sandboxed-parser.ts";
import { fileExtension, quotedName } from "./source-name.ts";
import { createTextParser } from "./text.ts";

interface ParserSettings {
  /** `lines`: every plain text file (by type, name or content) holds one document a line; other kinds stay as they are. */
  readonly format: "auto" | "lines";
  /** Limit of a file that is one document, bytes. */
  readonly maxFileBytes: number;
  /** Limit of one record in a file of many, bytes. */
  readonly maxRecordBytes: number;
  /** Of the workers that read PDF, DOCX and HTML; the defaults suit files up to 32 MiB. */
  readonly sandbox?: Partial<SandboxLimits>;
}

const supported = "text, Markdown, HTML, PDF, DOCX, CSV and JSONL are read";

/** Kinds whose readers tell themselves what the bytes are: they are no text, or text in any encoding. */
const selfChecking: ReadonlySet<FileKind> = new Set<FileKind>(["pdf", "xml", ...officeKinds]);

interface Choice {
  readonly kind: FileKind;
  /** The type or the name says so, not just the bytes. */
  readonly promised: boolean;
}

/** A type that was declared counts, unless it is so general (text/plain) that the name knows better. */
function chooseKind(ref: ObjectRef, head: Uint8Array): Choice {
  const declared = kindOfType(ref.contentType);
  const named = kindOfExtension(fileExtension(ref.uri));
  const specific = declared === "text" || declared === "foreign" ? undefined : declared;
  const said = specific ?? named ?? declared;
  // Many programs export a page under the name of a spreadsheet or of something else.
  const known = said === "foreign" && sniffKind(head) === "html" ? "html" : said;
  const kind = known ?? sniffKind(head) ?? "text";
  if (kind === "text" && fileExtension(ref.uri) === "json" && looksLikeJsonLines(head)) {
    return { kind: "jsonl", promised: true };
  }
  if (kind === "xml" && looksLikeFeed(head)) return { kind: "feed", promised: true };
  return { kind: officeKind(kind, head), promised: known !== undefined };
}

/**
 * All parsers, and the choice among them by declared type, name and first bytes. PDF, DOCX and HTML run in workers that
 * start when first needed; `close` ends them.
 */
export function createParserRegistry(settings: ParserSettings): ParserRegistry & { close(): Promise<void> } {
  const { format, maxFileBytes, maxRecordBytes } = settings;
  const sandbox = createSandbox(settings.sandbox);
  const csv = createCsvParser(maxRecordBytes);
  const parseParts = createPartsParser(select);
  const parsers: Readonly<Record<Exclude<FileKind, "foreign">, Parser>> = {
    text: format === "lines" ? createLinesParser(maxRecordBytes) : createTextParser(maxFileBytes),
    markdown: createMarkdownParser(maxFileBytes),
    html: createHtmlParser(sandbox, maxFileBytes),
    pdf: createPdfParser(sandbox, maxFileBytes),
    docx: createDocxParser(sandbox, maxFileBytes),
    csv,
    tsv: csv,
    jsonl: createJsonlParser(maxRecordBytes),
    subtitles: createSandboxedParser("subtitles", 1, sandbox, maxFileBytes),
    notebook: createSandboxedParser("notebook", 1, sandbox, maxFileBytes),
    xml: createSandboxedParser("xml", 1, sandbox, maxFileBytes),
    feed: createSandboxedParser("feed", 1, sandbox, maxFileBytes, true),
    mail: createSandboxedParser("mail", 1, sandbox, maxFileBytes, false, parseParts),
    mbox: createMboxParser(maxFileBytes, parseParts),
  };
  function select(ref: ObjectRef, head: Uint8Array): ReturnType<ParserRegistry["select"]> {
    const { kind, promised } = chooseKind(ref, head);
    const name = quotedName(ref.uri);
    if (kind === "foreign") {
      return {
        skip: new IsthmusError("content_unsupported", `${name} is of a kind that is not read: ${supported}.`),
      };
    }
    const binary = selfChecking.has(kind) ? undefined : binaryContent(head, promised);
    if (binary === undefined) return { parser: parsers[kind], contentType: typeOfKind[kind] };
    if (!promised) {
      return { skip: new IsthmusError("content_unsupported", `${name} holds ${binary}: ${supported}.`) };
    }
    throw new IsthmusError(
      "content_unsupported",
      `${name} should be ${typeOfKind[kind]}, but holds ${binary}. Give it the name that fits its content, or remove it.`,
    );
  }
  const versions = [...new Set(Object.values(parsers))].map((parser) => `${parser.name}@${parser.version}`);
  return {
    // The record limit is part of it: raising it must bring in the records that were too large before.
    fingerprint: `format=${format};record<=${maxRecordBytes};${versions.join(",")}`,
    select,
    close: () => sandbox.close(),
  };
}
