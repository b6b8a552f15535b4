import type { Parsed, Section } from "../../core/types.ts";
import { cleanLine, cleanText } from "./clean.ts";
import { joinLineEnds, vocabularyOf } from "./line-end-hyphens.ts";
import { openPdf, type PdfDocument } from "./pdf-document.ts";
import { faultsOf, noText, picturePages } from "./pdf-losses.ts";
import { type PageReading, readPage } from "./pdf-page.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";

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

/** Runs in the sandbox. A section a page that has text, under the heading `Page N`; then what could not be read. */
export async function readPdf(job: SandboxJob): Promise<readonly Parsed[]> {
  const pdf = await openPdf(job.name, job.bytes.slice());
  try {
    const pages: PageReading[] = [];
    const vocabulary = new Set<string>();
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number);
      pages.push(await readPage(page));
      page.cleanup();
      vocabularyOf(pages.at(-1)?.text ?? "", vocabulary);
    }
    const sections: Section[] = [];
    const parts: string[] = [];
    let length = 0;
    pages.forEach((page, index) => {
      const text = cleanText(joinLineEnds(page.text, vocabulary)).trim();
      if (text === "") return;
      if (length > 0) {
        parts.push("\n\n");
        length += 2;
      }
      sections.push({ heading: `Page ${index + 1}`, start: length, end: length + text.length });
      parts.push(text);
      length += text.length;
    });
    const seen = await picturePages(job.name, job.bytes, pages);
    if (sections.length === 0) throw noText(job.name, pdf, pages, seen);
    const title = (await titleOf(pdf)) || job.fallbackTitle;
    const faults = await faultsOf(pdf, pages, seen);
    return [{ kind: "document", title, text: parts.join(""), sections, metadata: {} }, ...faults];
  } finally {
    await pdf.loadingTask.destroy();
  }
}
