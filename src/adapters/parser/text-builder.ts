import { cleanLine, cleanText } from "./clean.ts";
import type { Heading } from "./sections.ts";

/** How a block is set off from the one before it. */
export type BlockSeparator = "\n\n" | "\n" | " ";

/** Puts a text together block by block, and keeps where its headings stand in it. */
export interface TextBuilder {
  /**
   * Adds a block; white space at its ends is dropped, and a block of nothing else is none.
   *
   * @param headingsOf finds the headings that stand in the block.
   */
  block(text: string, separator?: BlockSeparator, headingsOf?: (text: string) => readonly Heading[]): void;
  /** Adds a line that is a heading. @param level 1 is the outermost. */
  heading(level: number, label: string): void;
  finish(): { readonly text: string; readonly headings: readonly Heading[] };
}

/** A block keeps the white space inside it, and the indent of its first line (code). */
export function createTextBuilder(): TextBuilder {
  const parts: string[] = [];
  const headings: Heading[] = [];
  let length = 0;
  const add = (text: string, separator: BlockSeparator): void => {
    const before = length === 0 ? "" : separator;
    parts.push(before, text);
    length += before.length + text.length;
  };
  return {
    block(raw, separator = "\n\n", headingsOf) {
      // Cleaned as it is added, so that the offsets of headings are those of the finished text.
      const text = cleanText(raw)
        .replace(/^(?:[^\S\n]*\n)+/, "")
        .trimEnd();
      if (text.trim() === "") return;
      add(text, separator);
      const from = length - text.length;
      for (const found of headingsOf?.(text) ?? []) {
        headings.push({ ...found, start: from + found.start, end: from + found.end });
      }
    },
    heading(level, raw) {
      const line = cleanText(raw).replace(/\s+/g, " ").trim();
      if (line === "") return;
      add(line, "\n\n");
      headings.push({ level, label: cleanLine(line), start: length - line.length, end: length });
    },
    finish: () => ({ text: parts.join(""), headings }),
  };
}
