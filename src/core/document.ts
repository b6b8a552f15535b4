import type { StoreReader } from "./ports.ts";
import { citedUri } from "./retrieve.ts";
import type { DocumentPassage, DocumentRow, Metadata } from "./types.ts";

/** Bounds of a page of a document. */
export const documentLimits = { defaultPassages: 50, maxPassages: 200 } as const;

/** A stretch of a document, or of one record of a file of many, joined from its passages. */
export interface DocumentPart {
  /** What it is cited by; with `#id` for a record. */
  readonly uri: string;
  readonly recordId?: string;
  readonly title: string;
  readonly metadata: Metadata;
  /** Of `text` in the parsed text of the document, UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** `text.slice(passage.start - start, passage.end - start)` is the passage. What lay between passages, white space and headings, is a line break here. */
  readonly text: string;
  /** In order; neighbours may overlap. */
  readonly passages: readonly PlacedPassage[];
}

export interface PlacedPassage {
  readonly ordinal: number;
  readonly heading: string;
  readonly start: number;
  readonly end: number;
}

/** Some passages of a document in order. */
export interface DocumentPage {
  readonly row: DocumentRow;
  readonly parts: readonly DocumentPart[];
  /** The ordinal where the next page begins, where there is one. */
  readonly next?: number;
}

/**
 * Reads a page of a document's current version out of the index: its source need not be at hand.
 *
 * @returns undefined where no version of it is current.
 */
export async function readDocument(
  reader: StoreReader,
  asked: { readonly uri: string; readonly from: number; readonly limit: number },
  signal?: AbortSignal,
): Promise<DocumentPage | undefined> {
  const found = await reader.passages(asked.uri, asked.from, asked.limit, signal);
  if (found === undefined) return undefined;
  const { row, passages } = found;
  const after = asked.from + passages.length;
  return {
    row,
    parts: joinPassages(row.uri, passages),
    ...(passages.length > 0 && after < row.chunks && { next: after }),
  };
}

/** Passages of one document in order, joined to as few texts as they are of. */
export function joinPassages(uri: string, passages: readonly DocumentPassage[]): DocumentPart[] {
  const parts: DocumentPart[] = [];
  let open: (DocumentPart & { text: string; end: number; passages: PlacedPassage[] }) | undefined;
  for (const passage of passages) {
    const { ordinal, heading, start, end, content, recordId, title, metadata } = passage;
    const placed = { ordinal, heading, start, end };
    if (open !== undefined && open.recordId === recordId && start >= open.start) {
      open.text += start > open.end ? blank(start - open.end) + content : content.slice(open.end - start);
      open.end = Math.max(open.end, end);
      open.passages.push(placed);
    } else {
      const cited = citedUri({ uri, ...(recordId !== undefined && { recordId }) });
      const of = { uri: cited, ...(recordId !== undefined && { recordId }), title, metadata };
      open = { ...of, start, end, text: content, passages: [placed] };
      parts.push(open);
    }
  }
  return parts;
}

/** The text of a part as it reads: with its headings, by their depth, which are not in `text`. */
export function withHeadings({ text, start, passages }: DocumentPart): string {
  let read = "";
  let done = 0;
  for (const [at, { heading, start: from }] of passages.entries()) {
    if (heading === passages[at - 1]?.heading || heading === "") continue;
    const path = heading.split(" > ");
    read += text.slice(done, from - start).trimEnd();
    read += `${read === "" ? "" : "\n\n"}${"#".repeat(Math.min(6, path.length))} ${path.at(-1)}\n\n`;
    done = from - start;
  }
  return read + text.slice(done);
}

/** White space of that length that ends a line, and a paragraph where there is room. */
function blank(length: number): string {
  return length < 2 ? "\n".repeat(length) : `\n${" ".repeat(length - 2)}\n`;
}
