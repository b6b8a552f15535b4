import { getDocumentProxy } from "unpdf";
import { IsthmusError } from "../../core/errors.ts";
import type { Parsed, Section } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { pdfPageText } from "./pdf-text.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

async function openPdf(job: SandboxJob): Promise<PdfDocument> {
  try {
    // No fonts from the machine: the same file must give the same text everywhere. 0 is "errors only" for its log.
    return await getDocumentProxy(job.bytes, { useSystemFonts: false, disableFontFace: true, verbosity: 0 });
  } catch (cause) {
    if (cause instanceof Error && cause.name === "PasswordException") {
      const message = `${job.name} is protected by a password. Save a copy without one and ingest that.`;
      throw new IsthmusError("parse_encrypted", message, { cause });
    }
    const message = `${job.name} is not a PDF that can be read: it is damaged or cut off. Try to open it, and save it again.`;
    throw new IsthmusError("parse_failed", message, { cause });
  }
}

/** The title that the writer of the file gave, without the program's name that some printers put before it. */
async function titleOf(pdf: PdfDocument): Promise<string> {
  // Only the title hangs on it: a broken description must not cost the text.
  const description: unknown = await pdf.getMetadata().catch(() => undefined);
  if (typeof description !== "object" || description === null || !("info" in description)) return "";
  const { info } = description;
  if (typeof info !== "object" || info === null || !("Title" in info) || typeof info.Title !== "string") return "";
  const title = cleanLine(info.Title).replace(/^Microsoft (?:Word|PowerPoint|Excel) - /, "");
  return /^untitled\b/i.test(title) ? "" : title;
}

/** Runs in the sandbox. A section a page that has text, under the heading `Page N`. */
export async function readPdf(job: SandboxJob): Promise<readonly Parsed[]> {
  const pdf = await openPdf(job);
  try {
    const sections: Section[] = [];
    const parts: string[] = [];
    let length = 0;
    let pages = 0;
    while (pages < pdf.numPages) {
      pages += 1;
      const page = await pdf.getPage(pages);
      const { items } = await page.getTextContent();
      const text = cleanText(pdfPageText(items.filter((item) => "str" in item))).trim();
      page.cleanup();
      if (text === "") continue;
      if (length > 0) {
        parts.push("\n\n");
        length += 2;
      }
      sections.push({ heading: `Page ${pages}`, start: length, end: length + text.length });
      parts.push(text);
      length += text.length;
    }
    if (sections.length === 0) {
      const message = `${job.name} has ${pages} ${pages === 1 ? "page" : "pages"} and no text in them: it is a scan. Run OCR over it (ocrmypdf, for example) and ingest the result.`;
      throw new IsthmusError("content_no_text", message);
    }
    const title = (await titleOf(pdf)) || job.fallbackTitle;
    return [{ kind: "document", title, text: parts.join(""), sections, metadata: {} }];
  } finally {
    await pdf.loadingTask.destroy();
  }
}
