import { tableRow } from "./content.ts";

export const isGridBorder = (line: string): boolean => /^\+(?:[-=]{1,1000}\+)+$/.test(line);
export const isSimpleBorder = (line: string): boolean => /^={2,}(?:\s+={2,})+$/.test(line);

/** A table drawn with lines. @returns the line after it. */
export function gridTable(lines: readonly string[], from: number, row: (text: string) => void): number {
  let cells: string[] = [];
  const finish = (): void => {
    const text = tableRow(cells);
    if (text !== "") row(text);
    cells = [];
  };
  let at = from;
  for (; at < lines.length; at += 1) {
    const line = (lines[at] ?? "").trim();
    if (/^\+(?:[-=+ ]|[^+|]*[+|])/.test(line) && /^[+|].*[+|]$/.test(line) && /[-=]/.test(line) && isRule(line))
      finish();
    else if (line.startsWith("|")) {
      const parts = line.replace(/^\||\|$/g, "").split("|");
      parts.forEach((part, index) => {
        cells[index] = `${cells[index] ?? ""} ${part}`;
      });
    } else break;
  }
  finish();
  return at;
}

/** A rule may end at a cell that spans rows, whose text goes on in it; that text is then part of a rule and rare. */
function isRule(line: string): boolean {
  return /^[-=+|\s]+$/.test(line);
}

/** A table whose columns are ruled above and below. @returns the line after it. */
export function simpleTable(lines: readonly string[], from: number, row: (text: string) => void): number {
  const border = lines[from] ?? "";
  const starts = [...border.matchAll(/=+/g)].map((match) => match.index);
  let borders = 1;
  let pending: string[] | undefined;
  const finish = (): void => {
    const text = tableRow(pending ?? []);
    if (text !== "") row(text);
    pending = undefined;
  };
  let at = from + 1;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (isSimpleBorder(line.trim()) || /^\s*=+\s*$/.test(line)) {
      finish();
      borders += 1;
      const next = (lines[at + 1] ?? "").trim();
      // The second border ends the header where rows follow it, and else the table.
      if (borders >= 3 || next === "") return at + 1;
      continue;
    }
    if (/^\s*-+(?:\s+-+)*\s*$/.test(line)) continue;
    const cells = starts.map((start, index) => line.slice(start, starts[index + 1]));
    // A line without a first cell goes on with the row above it.
    if ((cells[0] ?? "").trim() === "" && pending)
      pending = pending.map((cell, index) => `${cell} ${cells[index] ?? ""}`);
    else {
      finish();
      if (line.trim() !== "") pending = cells;
    }
  }
  finish();
  return at;
}
