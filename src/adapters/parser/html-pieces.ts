import { cleanText } from "./clean.ts";
import type { Region } from "./html-rules.ts";

/** How a piece is set off from the one before it, weakest first. A line inside a cell gives way to the next row. */
const strengths = ["none", "space", "line", "row", "paragraph"] as const;
type Separator = (typeof strengths)[number];

const separatorText: Readonly<Record<Separator, string>> = {
  none: "",
  space: " ",
  line: "\n",
  row: "\n",
  paragraph: "\n\n",
};

/** A run of text between two marks of the page's structure. */
export interface Piece {
  readonly before: Separator;
  /** Cells of the table's row that begin before this text, empty ones counted; 0 where it goes on in its cell. */
  readonly cells: number;
  readonly text: string;
  /** 0 for ordinary text. */
  readonly headingLevel: number;
  readonly regions: ReadonlySet<Region>;
  /** The number of the innermost box that it stands in, in the order in which they open; 0 is the page. */
  readonly box: number;
}

/** An element that holds parts of a page: a division, a section, a cell of a layout. */
export interface Box {
  /** The number of the box that it is in. */
  readonly parent: number;
}

/** What stands between a piece and the one before it, or before the first. */
export function separatorBefore({ before, cells }: Piece, isFirst: boolean): string {
  // A new cell in the same row sets off what the line inside the last one would have.
  const block = isFirst || (cells > 0 && before !== "row" && before !== "paragraph") ? "" : separatorText[before];
  return block + " | ".repeat(cells).replace(/^ /, block === "" && !isFirst ? " " : "");
}

/** Collects text and the separators between, collapsing white space as a browser does. */
interface PieceCollector {
  text(data: string, preformatted: boolean): void;
  /** Asks for at least this separation before the next text; the strongest that was asked for counts. */
  separate(separator: Separator): void;
  /** A cell of a table ends, and the next one of its row begins. */
  cell(): void;
  /** A row begins: cells without text at the end of the one before are forgotten. */
  row(): void;
  /** Pieces from here on are of this heading level and these regions. */
  context(headingLevel: number, regions: ReadonlySet<Region>): void;
  /** Pieces from here on stand in this box. */
  box(number: number): void;
  /** The last character so far, "" where a separator follows it. */
  lastCharacter(): string;
  /** The text since so many pieces, on one line. */
  since(count: number): string;
  count(): number;
  finish(): Piece[];
}

export function createPieceCollector(): PieceCollector {
  const pieces: Piece[] = [];
  let pending: Separator = "none";
  let cells = 0;
  let run: string[] = [];
  let level = 0;
  let regions: ReadonlySet<Region> = new Set();
  let box = 0;

  // Cleaned as one string: an emoji may come in several parts, each from an entity of its own.
  const flush = (): void => {
    const text = cleanText(run.join(""));
    run = [];
    if (text === "") return;
    pieces.push({ before: pending, cells, text, headingLevel: level, regions, box });
    pending = "none";
    cells = 0;
  };
  const separate = (separator: Separator): void => {
    flush();
    if (strengths.indexOf(separator) > strengths.indexOf(pending)) pending = separator;
  };
  return {
    separate,
    cell() {
      flush();
      // Lines inside the cell that ends here are not the row's.
      if (pending === "line" || pending === "space") pending = "none";
      cells += 1;
    },
    row() {
      flush();
      cells = 0;
      separate("row");
    },
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
    box(number) {
      flush();
      box = number;
    },
    lastCharacter() {
      flush();
      return pending === "none" && cells === 0 ? (pieces.at(-1)?.text.at(-1) ?? "") : "";
    },
    since(count) {
      flush();
      return pieces
        .slice(count)
        .map(({ text }) => text)
        .join(" ")
        .replace(/\s+/g, " ");
    },
    count() {
      flush();
      return pieces.length;
    },
    finish() {
      flush();
      return pieces;
    },
  };
}
