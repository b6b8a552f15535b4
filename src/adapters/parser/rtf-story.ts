import { type Block, rowText } from "./office/blocks.ts";

/** Tables inside each other; what lies deeper stands in the cell of the last. */
const deepestTable = 20;

interface Table {
  cells: string[];
  line: string[];
}

/** The parts of a text as they come: paragraphs, rows of tables, and below them the notes that they refer to. */
export class RtfStory {
  /** Of the paragraph, 1 is the outermost; undefined for one that is no heading. */
  level: number | undefined;
  inTable = false;
  isListed = false;
  private readonly blocks: Block[] = [];
  private readonly open: Table[] = [{ cells: [], line: [] }];
  private below: Block[] = [];

  say(text: string): void {
    this.innermost().line.push(text);
  }

  /** What stands below the paragraph. */
  note(blocks: readonly Block[]): void {
    this.below.push(...blocks.filter(({ text }) => text.trim() !== ""));
  }

  /** The depth of the tables that the next paragraph is in, 1 for a table that is in none. */
  nest(depth: number): void {
    const wanted = Math.max(1, Math.min(depth, deepestTable));
    while (this.open.length > wanted) this.fold();
    while (this.open.length < wanted) this.open.push({ cells: [], line: [] });
  }

  /** @param isNested of the innermost table; else of the outermost. */
  cell(isNested: boolean): void {
    if (!isNested) this.nest(1);
    const table = this.innermost();
    table.cells.push(table.line.join(""));
    table.line = [];
  }

  row(isNested: boolean): void {
    if (!isNested) this.nest(1);
    const table = this.innermost();
    if (table.line.join("").trim() !== "") this.cell(isNested);
    const { cells } = table;
    table.cells = [];
    const outer = this.open.at(-2);
    if (outer) {
      outer.line.push(rowText(cells), "\n");
      return;
    }
    table.line = [];
    // A frame around a text is no table.
    const [only = ""] = cells;
    if (cells.length === 1) this.blocks.push({ text: only });
    else if (cells.length > 1) this.blocks.push({ text: rowText(cells), group: "table" });
    this.endBelow();
  }

  paragraph(): void {
    const table = this.innermost();
    if (this.inTable || this.open.length > 1) {
      // The cell goes on.
      table.line.push("\n");
      return;
    }
    if (table.cells.length > 0) {
      this.row(false);
      return;
    }
    const text = table.line.join("");
    table.line = [];
    if (text.trim() !== "") {
      const heading = this.level !== undefined && { level: this.level };
      this.blocks.push({ text: heading ? text.trim() : text, ...(heading || (this.isListed && { group: "list" })) });
    }
    this.isListed = false;
    this.endBelow();
  }

  finish(): Block[] {
    this.nest(1);
    this.inTable = false;
    this.paragraph();
    return this.blocks;
  }

  private innermost(): Table {
    return this.open.at(-1) as Table;
  }

  /** Ends the innermost table: what it holds stands in the cell that it is in. */
  private fold(): void {
    const inner = this.innermost();
    if (inner.cells.length > 0) this.row(true);
    this.open.pop();
    this.innermost().line.push(...inner.line);
  }

  private endBelow(): void {
    this.blocks.push(...this.below);
    this.below = [];
  }
}
