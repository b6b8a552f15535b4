/** What a cell holds, as far as that tells a header from what stands below it. */
export type CellKind = "empty" | "number" | "date" | "address" | "prose" | "text";

const number = /^[-+(]?[€$£]?\s?\d[\d.,'\u00a0 ]{0,30}\d?(?:e[-+]?\d{1,3})?\s?[%€$£)]?$/iu;
const date = /^(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ,]+\d{1,2}:\d{2}.{0,20})?|\d{1,2}:\d{2}(?::\d{2})?)$/;
const address = /^(?:https?:\/\/|www\.)\S+$|^[^\s@]{1,100}@[^\s@]{1,100}\.[a-z]{2,20}$/i;
const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

export function cellKind(cell: string): CellKind {
  const value = cell.trim();
  if (value === "") return "empty";
  if (date.test(value)) return "date";
  if (number.test(value)) return "number";
  if (address.test(value)) return "address";
  const words = value.split(/\s+/, 7).length;
  return words > 5 || (words > 2 && /[.!?]$/.test(value)) ? "prose" : "text";
}

/** Whether the cells of a column are sentences and not names, numbers or codes, on the average. */
export function isProse(cells: readonly string[]): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
  if (filled.length === 0) return false;
  const mean = (of: (cell: string) => number) => filled.reduce((sum, cell) => sum + of(cell), 0) / filled.length;
  const length = mean((cell) => cell.length);
  const words = mean((cell) => cell.split(/\s+/).length);
  return (length >= 20 && words >= 4) || (length >= 12 && filled.every((cell) => withoutSpaces.test(cell)));
}

/** Twice as wide as any word that people write. */
const longestWord = 256;

/** Data of programs that no one looks for by words: a vector of numbers, a file in base64. */
export function isMachineData(value: string): boolean {
  if (value.length < longestWord) return false;
  if (/^\s*(?:data:[\w.+/-]{0,100}(?:;[\w=.-]{1,50}){0,5},\s*)?[\w+/=-]*$/.test(value)) return true;
  return /^\s*[[({]?\s*[\d.eE+-]+(?:[\s,;]+[\d.eE+-]+){31,}\s*[\])}]?\s*$/.test(value);
}
