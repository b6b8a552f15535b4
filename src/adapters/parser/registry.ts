import { Budget } from "../../core/budget.ts";
import { IsthmusError } from "../../core/errors.ts";
import type { Parser, ParserRegistry, TextRecognizer } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";
import { boundedParser, bytesHeld } from "./bounded-parser.ts";
import { createCsvParser } from "./csv.ts";
import { createDocxParser } from "./docx.ts";
import { type FileKind, kindOfExtension, kindOfType, typeOfKind } from "./file-kinds.ts";
import { fingerprintsOf } from "./fingerprints.ts";
import { createGzipParser } from "./gzip.ts";
import { createHtmlParser } from "./html.ts";
import { createJsonParser } from "./json.ts";
import { looksLikeJsonRecords } from "./json-layout.ts";
import { createJsonlParser } from "./jsonl.ts";
import { createLinesParser } from "./lines.ts";
import {
  binaryContent,
  isOfAnotherKind,
  looksLikeFeed,
  looksLikeJsonLines,
  mayHoldBinary,
  sniffKind,
} from "./magic.ts";
import { createMarkdownParser } from "./markdown.ts";
import { createMboxParser } from "./mbox.ts";
import { officeKind, officeKinds } from "./office-kind.ts";
import { createPartsParser } from "./parts.ts";
import { createPdfParser } from "./pdf.ts";
import { createPictureParser, isPicture } from "./picture.ts";
import { createSandbox, type SandboxLimits } from "./sandbox.ts";
import { createSandboxedParser } from "./sandboxed-parser.ts";
import { fileExtension, quotedName } from "./source-name.ts";
import { createTarParser } from "./tar.ts";
import { createTextParser } from "./text.ts";
import { createZipParser } from "./zip.ts";

interface ParserSettings {
  /** `lines`: every plain text file (by type, name or content) holds one document a line; other kinds stay as they are. */
  readonly format: "auto" | "lines";
  /** Limit of a file that is one document, bytes. */
  readonly maxFileBytes: number;
  /** Limit of one record in a file of many, bytes. */
  readonly maxRecordBytes: number;
  /** Of the workers that read PDF, DOCX and HTML; the defaults suit files up to 32 MiB. */
  readonly sandbox?: Partial<SandboxLimits>;
  /** OCR, by choice: pictures, and pages of PDF that are pictures, are read. */
  readonly recognizer?: TextRecognizer;
}

const supported = "docs/formats.md lists what is read";

/** Kinds whose readers tell themselves what the bytes are: they are no text, or text in any encoding. */
const selfChecking: ReadonlySet<FileKind> = new Set<FileKind>([
  "pdf",
  "xml",
  "msg",
  "rtf",
  "zip",
  "tar",
  "gzip",
  ...officeKinds,
]);

/** Kinds whose parsers take single NULs out; text in UTF-16, half of which may be NULs, is not among what that mends. */
const withStrayNuls: ReadonlySet<FileKind> = new Set<FileKind>(
  "csv tsv jsonl json text markdown html".split(" ") as FileKind[],
);

const tables: ReadonlySet<FileKind> = new Set<FileKind>(["csv", "tsv", "json", "jsonl"]);

function withoutStrayNuls(head: Uint8Array): Uint8Array {
  if (!head.includes(0)) return head;
  const rest = head.filter((byte) => byte !== 0);
  return rest.length > head.length * 0.9 ? rest : head;
}

interface Choice {
  readonly kind: FileKind;
  /** The type or the name says so, not just the bytes. */
  readonly promised: boolean;
}

/** A type that was declared counts, unless it is so general (text/plain, application/json) that the name knows better. */
function chooseKind(ref: ObjectRef, head: Uint8Array): Choice {
  const declared = kindOfType(ref.contentType);
  const named = kindOfExtension(fileExtension(ref.uri));
  const general = declared === "text" || declared === "json" || declared === "foreign";
  const specific = general ? undefined : declared;
  const said = specific ?? named ?? declared;
  // Many programs export a page under the name of a spreadsheet or of something else.
  const known = said === "foreign" && sniffKind(head) === "html" ? "html" : said;
  const kind = known ?? sniffKind(head) ?? "text";
  // A server that asks for a password answers with a page, whatever was asked for.
  if (tables.has(kind) && sniffKind(head) === "html") return { kind: "html", promised: true };
  if (tables.has(kind) && looksLikeJsonLines(head)) return { kind: "jsonl", promised: true };
  if (fileExtension(ref.uri) === "php" && sniffKind(head) === "html" && !Buffer.from(head).includes("<?")) {
    return { kind: "html", promised: true };
  }
  if (kind === "json" && (looksLikeJsonLines(head) || looksLikeJsonRecords(head))) {
    return { kind: "jsonl", promised: true };
  }
  if (kind === "xml" && officeKinds.has(sniffKind(head) ?? "xml"))
    return { kind: sniffKind(head) ?? kind, promised: true };
  if (kind === "xml" && looksLikeFeed(head)) return { kind: "feed", promised: true };
  return { kind: officeKind(kind, head), promised: known !== undefined };
}

/**
 * All parsers, and the choice among them by declared type, name and first bytes. PDF, DOCX and HTML run in workers that
 * start when first needed; `close` ends them.
 */
export function createParserRegistry(settings: ParserSettings): ParserRegistry & { close(): Promise<void> } {
  const { format, maxFileBytes, maxRecordBytes, recognizer } = settings;
  const sandbox = createSandbox(settings.sandbox);
  const csv = createCsvParser(maxRecordBytes);
  const parseParts = createPartsParser(select);
  const budget = new Budget(bytesHeld);
  const parsers: Readonly<Record<Exclude<FileKind, "foreign">, Parser>> = {
    text: format === "lines" ? createLinesParser(maxRecordBytes) : createTextParser(maxFileBytes),
    markdown: createMarkdownParser(maxFileBytes),
    html: createHtmlParser(sandbox, maxFileBytes),
    pdf: createPdfParser(sandbox, maxFileBytes, parseParts, recognizer),
    docx: createDocxParser(sandbox, maxFileBytes),
    xlsx: createSandboxedParser("xlsx", 5, sandbox, maxFileBytes, true),
    ods: createSandboxedParser("ods", 5, sandbox, maxFileBytes, true),
    pptx: createSandboxedParser("pptx", 3, sandbox, maxFileBytes),
    odt: createSandboxedParser("odt", 4, sandbox, maxFileBytes),
    odp: createSandboxedParser("odp", 4, sandbox, maxFileBytes),
    epub: createSandboxedParser("epub", 2, sandbox, maxFileBytes),
    rtf: createSandboxedParser("rtf", 5, sandbox, maxFileBytes),
    csv,
    tsv: csv,
    json: createJsonParser(maxFileBytes),
    jsonl: createJsonlParser(maxRecordBytes),
    subtitles: createSandboxedParser("subtitles", 2, sandbox, maxFileBytes),
    notebook: createSandboxedParser("notebook", 2, sandbox, maxFileBytes),
    xml: createSandboxedParser("xml", 1, sandbox, maxFileBytes),
    feed: createSandboxedParser("feed", 2, sandbox, maxFileBytes, true),
    mail: createSandboxedParser("mail", 8, sandbox, maxFileBytes, false, parseParts),
    msg: createSandboxedParser("msg", 7, sandbox, maxFileBytes, false, parseParts),
    mbox: createMboxParser(maxFileBytes, parseParts),
    zip: createZipParser(maxFileBytes, parseParts),
    tar: createTarParser(parseParts),
    gzip: createGzipParser(select),
    rst: createSandboxedParser("rst", 4, sandbox, maxFileBytes),
    asciidoc: createSandboxedParser("asciidoc", 3, sandbox, maxFileBytes),
    org: createSandboxedParser("org", 1, sandbox, maxFileBytes),
    latex: createSandboxedParser("latex", 2, sandbox, maxFileBytes),
  };
  const bounded = new Map<Parser, Parser>();
  function boundedOf(parser: Parser): Parser {
    const known = bounded.get(parser) ?? boundedParser(parser, budget, maxFileBytes);
    bounded.set(parser, known);
    return known;
  }
  const pictures = recognizer && createPictureParser(recognizer, maxFileBytes);
  function select(ref: ObjectRef, head: Uint8Array): ReturnType<ParserRegistry["select"]> {
    const { kind, promised } = chooseKind(ref, head);
    const name = quotedName(ref.uri);
    if (kind === "foreign" && pictures && isPicture(head))
      return { parser: boundedOf(pictures), contentType: "image/*" };
    if (kind === "foreign") {
      return {
        skip: new IsthmusError("content_unsupported", `${name} is of a kind that is not read: ${supported}.`),
      };
    }
    // A part of a message may be binary as it is.
    const isSelfChecking = selfChecking.has(kind) && !(kind === "xml" && isOfAnotherKind(head));
    const binary =
      isSelfChecking || (kind === "mail" && mayHoldBinary(head))
        ? undefined
        : binaryContent(promised && withStrayNuls.has(kind) ? withoutStrayNuls(head) : head, promised);
    if (binary === undefined) return { parser: boundedOf(parsers[kind]), contentType: typeOfKind[kind] };
    if (!promised) {
      return { skip: new IsthmusError("content_unsupported", `${name} holds ${binary}: ${supported}.`) };
    }
    throw new IsthmusError(
      "content_unsupported",
      `${name} should be ${typeOfKind[kind]}, but holds ${binary}. Give it the name that fits its content, or remove it.`,
    );
  }
  const all = [...new Set([...Object.values(parsers), ...(pictures ? [pictures] : [])])];
  return {
    ...fingerprintsOf(all, { format, maxRecordBytes, ocr: recognizer?.identity }),
    select,
    close: () => sandbox.close(),
  };
}
