import type { Section } from "../../../core/types.ts";
import { cleanLine, cleanText } from "../clean.ts";
import { type Heading, sectionsOf } from "../sections.ts";

/** A paragraph, a heading, an item of a list or a row of a table. */
export interface Block {
  readonly text: string;
  /** Of a heading, 1 is the outermost. */
  readonly level?: number;
  /** Stands on the line after the block before it, where that is of the same list or table. */
  readonly group?: "list" | "table";
}

/** A text with its sections; offsets are UTF-16 code units into it. */
export interface TextPart {
  readonly text: string;
  readonly sections: readonly Section[];
}

/** Blocks set below each other and cut at their headings; blank ones are left out. */
export function partOfBlocks(blocks: readonly Block[]): TextPart {
  const pieces: string[] = [];
  const headings: Heading[] = [];
  let length = 0;
  let before: Block | undefined;
  for (const block of blocks) {
    const text = cleanText(block.text)
      .replace(/[^\S\n]+(?=\n|$)/g, "")
      .replace(/^\n+|\n+$/g, "");
    if (text.trim() === "") continue;
    if (before) {
      const separator = block.group !== undefined && block.group === before.group ? "\n" : "\n\n";
      pieces.push(separator);
      length += separator.length;
    }
    if (block.level !== undefined) {
      headings.push({ level: block.level, label: cleanLine(text), start: length, end: length + text.length });
    }
    pieces.push(text);
    length += text.length;
    before = block;
  }
  const text = pieces.join("");
  return { text, sections: sectionsOf(text, headings) };
}

/** Parts set below each other; a heading reaches no further than its part. */
export function joinParts(parts: readonly TextPart[]): TextPart {
  const sections: Section[] = [];
  const pieces: string[] = [];
  let length = 0;
  for (const part of parts) {
    if (part.text === "") continue;
    if (pieces.length > 0) {
      pieces.push("\n\n");
      length += 2;
    }
    const at = length;
    sections.push(...part.sections.map(({ heading, start, end }) => ({ heading, start: start + at, end: end + at })));
    pieces.push(part.text);
    length += part.text.length;
  }
  return { text: pieces.join(""), sections };
}

/** A part taken apart again, to stand among other blocks. */
export function blocksOfPart(part: TextPart): Block[] {
  const blocks: Block[] = [];
  let path: string[] = [];
  for (const { heading, start, end } of part.sections) {
    const labels = heading === "" ? [] : heading.split(" > ");
    const shared = labels.findIndex((label, index) => label !== path[index]);
    if (shared !== -1) {
      labels.slice(shared).forEach((text, index) => {
        blocks.push({ text, level: shared + index + 1 });
      });
    }
    path = labels;
    const text = part.text.slice(start, end);
    if (text !== labels.at(-1)) blocks.push({ text });
  }
  return blocks;
}

/** The cells of a table row as one line; an empty cell keeps its place, line breaks inside one become spaces. */
export function rowText(cells: readonly string[]): string {
  const flat = cells.map((cell) => cell.replace(/\s*\n\s*/g, " ").trim());
  const last = flat.findLastIndex((cell) => cell !== "");
  return flat.slice(0, last + 1).join(" | ");
}
