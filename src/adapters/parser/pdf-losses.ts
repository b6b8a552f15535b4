import { IsthmusError } from "../../core/errors.ts";
import type { ParseFault } from "../../core/types.ts";
import type { PdfDocument } from "./pdf-document.ts";
import type { PageReading } from "./pdf-page.ts";
import { type Drawn, whatIsDrawn } from "./pdf-pictures.ts";

const useOcr =
  "Run OCR over the file (ocrmypdf, for example) and ingest the result, or let the ingest do it (ISTHMUS_OCR, see docs/formats.md).";

const uncrop = (its: string): string =>
  `If it belongs to the document, take ${its} crop away (a PDF editor does), and ingest that.`;

// A page with less text than this, in characters, is looked at: a scan may carry a page number or a stamp.
const hardlyAny = 40;
// In pixels: less is an ornament, hardly a word could be read from it; a picture of a whole page has this much at the least.
const smallestPicture = 1_000;
const wholePage = 250_000;
// Of the characters of a page: more of them without a meaning, and words or numbers are lost.
const mostUnmapped = 0.02;

/** Numbers of pages, ascending. */
interface Seen {
  readonly pictures: readonly number[];
  /** Pictures with hardly any text beside them. */
  readonly stamped: readonly number[];
  readonly drawings: readonly number[];
  /** Most of their text lies outside the part that is shown. */
  readonly cropped: readonly number[];
  readonly damaged: readonly number[];
}

/** Pages whose text is in pictures, in whole or nearly so, ascending. */
export async function picturePages(name: string, bytes: Uint8Array, pages: readonly PageReading[]): Promise<Seen> {
  const numbered = pages.map(({ characters }, index) => ({ number: index + 1, characters }));
  // A page that could not be read is looked at too.
  const empty = numbered.filter(({ characters }) => characters === 0);
  const sparse = numbered.filter(({ characters }) => characters > 0 && characters < hardlyAny);
  const onEmpty = await whatIsDrawn(name, bytes, empty, smallestPicture);
  const onSparse = await whatIsDrawn(name, bytes, sparse, wholePage);
  const those = (drawn: ReadonlyMap<number, Drawn>, kind: Drawn): number[] =>
    [...drawn].filter(([, one]) => one === kind).map(([number]) => number);
  return {
    pictures: those(onEmpty, "picture"),
    stamped: those(onSparse, "picture"),
    drawings: those(onEmpty, "drawing"),
    cropped: [...those(onEmpty, "cropped"), ...those(onSparse, "cropped")].sort((one, other) => one - other),
    damaged: pages.flatMap((page, index) => (page.damaged || onEmpty.get(index + 1) === "damaged" ? [index + 1] : [])),
  };
}

/** So much of the page has no meaning that words or numbers are lost. */
export function isUnmapped({ characters, unmapped }: PageReading): boolean {
  return unmapped >= 10 && unmapped > characters * mostUnmapped;
}

/**
 * What a document lacks that gives some text.
 *
 * @param attached files that could not be had out of it.
 */
export function faultsOf(pages: readonly PageReading[], seen: Seen, attached: number): ParseFault[] {
  const unmapped = pages.flatMap((page, index) => (isUnmapped(page) ? [index + 1] : []));
  const faults: ParseFault[] = [];
  const lost = (id: string, reason: string): void => {
    faults.push({ kind: "fault", id, code: "content_lost", reason });
  };
  const tell = (numbers: readonly number[], one: string, many: string): void => {
    if (numbers.length > 0) lost(pagesInWords(numbers), `${numbers.length === 1 ? one : many} ${useOcr}`);
  };
  tell(seen.pictures, "The page is a picture without text.", "The pages are pictures without text.");
  tell(
    seen.stamped,
    "The page is a picture with hardly any text beside it.",
    "The pages are pictures with hardly any text beside them.",
  );
  tell(seen.drawings, "The page is a drawing without text.", "The pages are drawings without text.");
  tell(
    unmapped,
    "A font of the page does not say which letters its signs are.",
    "Fonts of the pages do not say which letters their signs are.",
  );
  if (seen.cropped.length > 0) {
    const [of, its] = seen.cropped.length === 1 ? ["the page", "its"] : ["the pages", "their"];
    lost(
      pagesInWords(seen.cropped),
      `Most of what is written on ${of} lies outside the part that is shown, and was left out. ${uncrop(its)}`,
    );
  }
  if (seen.damaged.length > 0) {
    const [its, is] = seen.damaged.length === 1 ? ["The page is", "it"] : ["The pages are", "them"];
    lost(
      pagesInWords(seen.damaged),
      `${its} damaged, and nothing of ${is} can be read. Save the file again, from where it was made.`,
    );
  }
  if (attached > 0) {
    const [files, them] = attached === 1 ? ["file is", "it"] : ["files are", "them"];
    lost(
      "attached files",
      `${attached} ${files} attached to the document and cannot be read. Save ${them} and ingest ${them} too.`,
    );
  }
  return faults;
}

/** Why a document without any text has none, as the error that its state will tell. */
export function noText(name: string, pdf: PdfDocument, pages: readonly PageReading[], seen: Seen): IsthmusError {
  const count = `${pages.length} ${pages.length === 1 ? "page" : "pages"}`;
  const none = `${name} has ${count} and no text in them`;
  if (seen.damaged.length > 0) {
    return new IsthmusError(
      "parse_failed",
      `${none}: ${pagesInWords(seen.damaged)} cannot be read, the file is damaged. Try to open it, and save it again.`,
    );
  }
  if (seen.pictures.length > 0) {
    const which =
      seen.pictures.length === pages.length
        ? "it is a scan"
        : `${pagesInWords(seen.pictures)} ${seen.pictures.length === 1 ? "is a picture" : "are pictures"}`;
    return new IsthmusError("content_no_text", `${none}: ${which}. ${useOcr}`);
  }
  if (pdf.isPureXfa) {
    return new IsthmusError(
      "content_no_text",
      `${none} that can be read: it is a form made for one program (XFA). Open it there, print it to a PDF, and ingest that.`,
    );
  }
  if (seen.cropped.length > 0) {
    const message = `${none} that is shown: what is written on ${pagesInWords(seen.cropped)} lies outside the part that can be seen.`;
    return new IsthmusError("content_empty", `${message} ${uncrop(seen.cropped.length === 1 ? "its" : "their")}`);
  }
  if (seen.drawings.length > 0) {
    return new IsthmusError("content_no_text", `${none}: what is on them is drawn, letters too. ${useOcr}`);
  }
  if (pages.some((page) => page.fields > 0)) {
    return new IsthmusError("content_empty", `${name} is a form without a word on it, and nothing is filled in.`);
  }
  const are = pages.length === 1 ? "it is blank" : "they are blank";
  return new IsthmusError(
    "content_empty",
    `${name} has ${count}, and ${are}: nothing is written or drawn on ${pages.length === 1 ? "it" : "them"}.`,
  );
}

const mostRanges = 12;

/** "page 3", "pages 3 and 7", "pages 1 to 4, 6 and 9". Ascending numbers in. */
export function pagesInWords(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const words = ranges
    .slice(0, mostRanges)
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`))
    .join(", ")
    .split(", ");
  const more = ranges.slice(mostRanges).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (more > 0) words.push(`${more} more`);
  const last = words.pop() ?? "";
  return `${numbers.length === 1 ? "page" : "pages"} ${words.length === 0 ? last : `${words.join(", ")} and ${last}`}`;
}
