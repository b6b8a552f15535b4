import { IsthmusError } from "../../core/errors.ts";
import type { ParseInput, Parser, TextRecognizer } from "../../core/ports.ts";
import type { Parsed, ParseFault } from "../../core/types.ts";
import { cleanText } from "./clean.ts";
import type { ContainerInput, PartsParser } from "./parts.ts";
import { documentOfPages, pagesOf } from "./pdf-sections.ts";
import { readWhole } from "./read-whole.ts";
import type { Sandbox } from "./sandbox.ts";
import type { EmbeddedPart } from "./sandbox-protocol.ts";
import { createSandboxedParser, streamed } from "./sandboxed-parser.ts";
import { quotedName, titleFromUri } from "./source-name.ts";

// Raise it with any change of what comes out.
const version = 7;

/**
 * PDF, a section a page, see pdf-reader.ts.
 *
 * @param parseParts parses what is attached; without it that is passed over.
 * @param recognizer reads the pages that are pictures; without it they are told as lost.
 */
export function createPdfParser(
  sandbox: Sandbox,
  maxFileBytes: number,
  parseParts?: PartsParser,
  recognizer?: TextRecognizer,
): Parser {
  if (recognizer === undefined) {
    return createSandboxedParser("pdf", version, sandbox, maxFileBytes, false, parseParts);
  }
  return {
    name: "pdf",
    version,
    records: false,
    async *parse(input: ContainerInput) {
      const parts: EmbeddedPart[] = [];
      yield* parseWithOcr(input, sandbox, maxFileBytes, recognizer, parts);
      if (parts.length > 0) yield* parseParts?.(streamed(parts), input) ?? [];
    },
  };
}

async function* parseWithOcr(
  input: ParseInput,
  sandbox: Sandbox,
  maxFileBytes: number,
  recognizer: TextRecognizer,
  parts: EmbeddedPart[],
): AsyncGenerator<Parsed> {
  const bytes = await readWhole(input, maxFileBytes);
  const { signal } = input;
  const job = { name: quotedName(input.uri), fallbackTitle: titleFromUri(input.uri) };
  const items = await sandbox.run({ ...job, kind: "pdf", bytes: bytes.slice(), pictures: "name" }, signal);
  const pages = items.flatMap((item) => (item.kind === "unread" ? item.pages : []));
  const faults: ParseFault[] = [];
  const recognized = new Map<number, string>();
  // Page by page, so that memory stays flat and the sandbox's limits hold for one page.
  for (const page of pages) {
    try {
      const drawn = await sandbox.run({ ...job, kind: "pdf-picture", bytes: bytes.slice(), page }, signal);
      for (const part of drawn) {
        if (part.kind === "part")
          recognized.set(page, cleanText(await recognizer.recognize(part.bytes, signal)).trim());
      }
    } catch (error) {
      if (!(error instanceof IsthmusError) || error.fatal) throw error;
      faults.push({ kind: "fault", id: `page ${page}`, code: "content_lost", reason: error.message });
    }
  }
  for (const item of items) {
    if (item.kind === "fault") faults.push(item);
    if (item.kind === "part") parts.push(item);
    if (item.kind !== "document") continue;
    const texts = pagesOf(item);
    for (const [page, text] of recognized) texts.set(page, [texts.get(page) ?? "", text].join("\n\n").trim());
    const document = documentOfPages(
      item.title,
      [...texts].sort(([one], [other]) => one - other),
    );
    if (document.sections.length === 0) {
      if (items.some(({ kind }) => kind === "part")) continue;
      throw new IsthmusError("content_no_text", `${job.name} has no text, and OCR found none in its pictures.`);
    }
    yield document;
  }
  yield* faults;
}
