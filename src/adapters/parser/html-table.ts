/** How far a cell may be said to reach: a page can claim any number, and each costs a separator. */
const longestSpan = 100;

interface Reaching {
  readonly text: string;
  rows: number;
}

/** Where the cells of a table stand, so that each value stays under its heading: spans and empty cells hold their place. */
export interface TableGrid {
  row(): void;
  /** Ends a row, and gives what cells from above still reach into its columns after the last cell. */
  rest(): readonly string[];
  /** Begins a cell and gives what stands in the columns before it: the texts of cells that reach down from above. */
  open(attributes: Readonly<Record<string, string>>): readonly string[];
  /** Ends the cell, and gives how many more columns it takes. */
  close(text: string): number;
}

const spanOf = (value: string | undefined): number =>
  Math.min(Math.max(Number.parseInt(value ?? "1", 10) || 1, 1), longestSpan);

export function createTableGrid(): TableGrid {
  const reaching = new Map<number, Reaching>();
  let column = 0;
  let columns = 1;
  let rows = 1;
  /** The texts that reach down into the columns from here on. */
  const fromAbove = (): string[] => {
    const texts: string[] = [];
    for (let above = reaching.get(column); above && above.rows > 0; above = reaching.get(column)) {
      above.rows -= 1;
      texts.push(above.text);
      column += 1;
    }
    return texts;
  };
  return {
    row() {
      column = 0;
    },
    rest() {
      const texts: string[] = [];
      for (const last = Math.max(-1, ...reaching.keys()); column <= last; column += 1) texts.push(...fromAbove(), "");
      while (texts.at(-1) === "") texts.pop();
      return texts;
    },
    open(attributes) {
      const before = fromAbove();
      columns = spanOf(attributes["colspan"]);
      rows = spanOf(attributes["rowspan"]);
      return before;
    },
    close(text) {
      for (let at = column; at < column + columns; at += 1) {
        if (rows > 1) reaching.set(at, { text: at === column ? text : "", rows: rows - 1 });
        else reaching.delete(at);
      }
      column += columns;
      return columns - 1;
    },
  };
}
