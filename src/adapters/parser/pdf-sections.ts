import type { ParsedDocument, Section } from "../../core/types.ts";

/** A document whose pages that have text are its sections, each under the heading `Page N`. */
export function documentOfPages(
  title: string,
  pages: Iterable<readonly [number: number, text: string]>,
): ParsedDocument {
  const sections: Section[] = [];
  const parts: string[] = [];
  let length = 0;
  for (const [number, text] of pages) {
    if (text === "") continue;
    if (length > 0) {
      parts.push("\n\n");
      length += 2;
    }
    sections.push({ heading: `Page ${number}`, start: length, end: length + text.length });
    parts.push(text);
    length += text.length;
  }
  return { kind: "document", title, text: parts.join(""), sections, metadata: {} };
}

/** The pages of such a document again: number and text. */
export function pagesOf({ text, sections }: ParsedDocument): Map<number, string> {
  return new Map(
    sections.map(({ heading, start, end }) => [Number(heading.slice("Page ".length)), text.slice(start, end)]),
  );
}
