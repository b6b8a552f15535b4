import { cleanText } from "./clean.ts";
import type { Region } from "./html-rules.ts";

/**
 * How a piece is set off from the one before it, weakest first. A line inside a cell of a table gives way to the next
 * cell, and a cell to the next row.
 */
const strengths = ["none", "space", "line", "cell", "row", "paragraph"] as const;
type Separator = (typeof strengths)[number];

export const separatorText: Readonly<Record<Separator, string>> = {
  none: "",
  space: " ",
  line: "\n",
  cell: " | ",
  row: "\n",
  paragraph: "\n\n",
};

/** A run of text between two marks of the page's structure. */
export interface Piece {
  readonly before: Separator;
  readonly text: string;
  /** 0 for ordinary text. */
  readonly headingLevel: number;
  readonly regions: ReadonlySet<Region>;
}

/** Collects text and the separators between, collapsing white space as a browser does. */
interface PieceCollector {
  text(data: string, preformatted: boolean): void;
  /** Asks for at least this separation before the next text; the strongest that was asked for counts. */
  separate(separator: Separator): void;
  /** Pieces from here on are of this heading level and these regions. */
  context(headingLevel: number, regions: ReadonlySet<Region>): void;
  finish(): Piece[];
}

export function createPieceCollector(): PieceCollector {
  const pieces: Piece[] = [];
  let pending: Separator = "none";
  let run: string[] = [];
  let level = 0;
  let regions: ReadonlySet<Region> = new Set();

  // Cleaned as one string: an emoji may come in several parts, each from an entity of its own.
  const flush = (): void => {
    const text = cleanText(run.join(""));
    run = [];
    if (text === "") return;
    pieces.push({ before: pending, text, headingLevel: level, regions });
    pending = "none";
  };
  const separate = (separator: Separator): void => {
    flush();
    if (strengths.indexOf(separator) > strengths.indexOf(pending)) pending = separator;
  };
  return {
    separate,
    text(data, preformatted) {
      if (preformatted) {
        run.push(data);
        return;
      }
      const collapsed = data.replace(/[\s\u00a0]+/g, " ");
      if (collapsed.startsWith(" ")) separate("space");
      const words = collapsed.trim();
      if (words === "") return;
      run.push(words);
      if (collapsed.endsWith(" ")) separate("space");
    },
    context(headingLevel, inRegions) {
      flush();
      level = headingLevel;
      regions = inRegions;
    },
    finish() {
      flush();
      return pieces;
    },
  };
}
