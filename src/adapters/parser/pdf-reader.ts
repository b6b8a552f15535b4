import { cleanLine, cleanText } from "./clean.ts";
import { joinLineEnds, vocabularyOf } from "./line-end-hyphens.ts";
import { attachedFiles } from "./pdf-attachments.ts";
import { openPdf, type PdfDocument } from "./pdf-document.ts";
import { faultsOf, noText, picturePages } from "./pdf-losses.ts";
import { lookBeside, notesOf, notesOfEncoding } from "./pdf-notes.ts";
import { type PageReading, readPage, unreadablePage } from "./pdf-page.ts";
import { documentOfPages } from "./pdf-sections.ts";
import type { SandboxItem, SandboxJob } from "./sandbox-protocol.ts";

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

/** A page that is broken costs itself, not the document. */
async function readNumber(
  pdf: PdfDocument,
  number: number,
  closely: () => Promise<PdfDocument>,
  cropped: number[],
): Promise<PageReading> {
  try {
    const page = await pdf.getPage(number);
    try {
      const [left = 0, bottom = 0] = page.view;
      if (left > 0 || bottom > 0) cropped.push(number);
      return await readPage(page, async () => (await closely()).getPage(number));
    } finally {
      page.cleanup();
    }
  } catch {
    return unreadablePage;
  }
}

/** Runs in the sandbox. A section a page that has text, under the heading `Page N`; then what could not be read. */
export async function readPdf(job: SandboxJob): Promise<readonly SandboxItem[]> {
  const pdf = await openPdf(job.name, job.bytes.slice());
  let closer: Promise<PdfDocument> | undefined;
  // Without its pictures: unpacking them takes long, and they have no glyphs.
  const closely = (): Promise<PdfDocument> => {
    closer ??= openPdf(job.name, job.bytes.slice(), { glyphs: true, picturesOver: 1, atPicture: "leave out" });
    return closer;
  };
  try {
    const pages: PageReading[] = [];
    const cropped: number[] = [];
    const vocabulary = new Set<string>();
    for (let number = 1; number <= pdf.numPages; number += 1) {
      pages.push(await readNumber(pdf, number, closely, cropped));
      vocabularyOf(pages.at(-1)?.text ?? "", vocabulary);
    }
    const texts = pages.map((page, index): [number, string] => [
      index + 1,
      cleanText(joinLineEnds(page.text, vocabulary)).trim(),
    ]);
    const seen = await picturePages(job.name, job.bytes, pages);
    const unread = [...seen.pictures, ...seen.stamped, ...seen.drawings].sort((a, b) => a - b);
    const forOcr = job.pictures === "name" && unread.length > 0;
    const document = documentOfPages((await titleOf(pdf)) || job.fallbackTitle, texts);
    const attached = await attachedFiles(pdf);
    const isEmpty = document.sections.length === 0 && !forOcr;
    if (isEmpty && attached.parts.length === 0) throw noText(job.name, pdf, pages, seen);
    const isShown = (number: number): boolean => !seen.cropped.includes(number);
    const more = await lookBeside(isEmpty ? [] : cropped.filter(isShown), closely);
    const told = forOcr ? { ...seen, pictures: [], stamped: [], drawings: [] } : seen;
    return [
      ...(isEmpty ? [] : [document]),
      ...faultsOf(pages, told, attached.lost),
      ...(isEmpty ? [] : [...notesOf(pages, more), ...notesOfEncoding(job.bytes, document.text)]),
      ...(forOcr ? [{ kind: "unread", pages: unread } as const] : []),
      ...attached.parts,
    ];
  } finally {
    await closer?.then((opened) => opened.loadingTask.destroy()).catch(() => undefined);
    await pdf.loadingTask.destroy();
  }
}
